import type { Page } from '@playwright/test'
import { conversation, pick, say, untilReplied } from '../page/conversation.ts'
import { test as base, expect } from '../product/fixtures.ts'
import type { Server } from '../product/server.ts'
import { accountPage, REFUSED, toAccount, untilIn } from './account.ts'
import { startLoginServer } from './provider.ts'

const SAID = 'The marmalade is behind the harmonium.'

/** With a server that lets people sign in at another one. */
const test = base.extend<{ readonly trusting: Server }>({
  trusting: async ({ startOwn }, use) => {
    const logins = await startLoginServer()
    const server = await startOwn(logins.env)
    logins.serve(server.url)
    await use(server)
    await logins.stop()
  },
})

test('a guest continues with another server, and the conversation comes along; no password is asked to delete it', async ({
  page,
  complaints,
  trusting,
}) => {
  complaints.expect(REFUSED)
  const address = await talk(page, trusting.url)
  await toAccount(page)
  await page.getByRole('button', { name: 'Continue with Lighthouse' }).click()
  await page.locator('[name=login]').fill('grace')
  await page.locator('[name=password]').fill('any')
  await page.getByRole('button', { name: 'Sign-in' }).click()
  await page.getByRole('button', { name: 'Continue' }).click()
  await untilIn(page)
  await expect(page).toHaveURL(address)
  await expect(conversation(page).messages.nth(1)).toContainText(SAID)
  await toAccount(page)
  await expect(page.getByRole('heading', { name: 'grace' })).toBeVisible()
  const { delete: open, dialog } = accountPage(page)
  await open.click()
  const confirm = dialog.getByRole('button', { name: 'Delete my account' })
  await expect(confirm).toBeEnabled()
  await expect(dialog.getByLabel('Your password')).toHaveCount(0)
  await confirm.click()
  await expect(page.getByRole('link', { name: 'Sign in or create an account' })).toBeVisible()
})

test('giving up at the other server leads back to the guest, who still has everything', async ({
  page,
  complaints,
  trusting,
}) => {
  complaints.expect(REFUSED)
  await talk(page, trusting.url)
  await toAccount(page)
  await page.getByRole('button', { name: 'Continue with Lighthouse' }).click()
  await page.getByRole('link', { name: 'Cancel' }).click()
  await expect(page.getByRole('alert')).toHaveText('Signing in there did not work. Try again.')
  await page.getByRole('link', { name: 'Parley, all personas' }).click()
  await expect(page.getByRole('link', { name: new RegExp(SAID.slice(0, 20)) })).toBeVisible()
})

/** Says something as a guest. Returns the address of the conversation. */
async function talk(page: Page, url: string): Promise<string> {
  // The provider's own pages would fetch a font from far away.
  await page.route('https://fonts.googleapis.com/**', (route) => route.fulfill({ contentType: 'text/css' }))
  await pick(page, url)
  await say(page, SAID)
  await untilReplied(page)
  return page.url()
}
