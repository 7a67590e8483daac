import { readFile } from 'node:fs/promises'
import { conversation, pick, say, secondTab, untilReplied } from '../page/conversation.ts'
import { eventsIn, tapLine } from '../page/line.ts'
import { expect, test } from '../product/fixtures.ts'
import {
  accountPage,
  freshEmail,
  otherDevice,
  PASSWORD,
  REFUSED,
  signIn,
  signUp,
  toAccount,
  untilIn,
} from './account.ts'

const IPHONE =
  'Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1'

/** No frame is like that. */
const NOTHING = /(?!)/

/** Said once, and looked for everywhere. */
const SAID = 'The marmalade is behind the harmonium.'

test('a guest chats, signs up, and signs the first browser out from a second one: it says so and cannot send', async ({
  page,
  browser,
  complaints,
  shared,
}) => {
  complaints.expect(REFUSED)
  const email = freshEmail()
  await pick(page)
  await say(page, SAID)
  const reply = await untilReplied(page)
  const address = page.url()
  await signUp(page, email)
  await expect(page).toHaveURL(address)
  await expect(conversation(page).messages.nth(1)).toContainText(SAID)
  expect(await untilReplied(page)).toBe(reply)

  const other = await otherDevice(browser, complaints, shared.url, IPHONE)
  await other.goto('/account')
  await signIn(other, email)
  await untilIn(other)
  await other.goto(address)
  await expect(conversation(other).messages.nth(1)).toContainText(SAID)
  await toAccount(other)
  const { device, devices } = accountPage(other)
  await expect(device).toHaveCount(2)
  await expect(device.first()).toContainText('Safari on iPhone')
  await expect(device.first()).toContainText('This device')
  await expect(device.last()).toContainText('Chrome on Linux')

  await conversation(page).composer.fill('Half a thought')
  await device.last().getByRole('button', { name: 'Sign out Chrome on Linux' }).click()
  // The promise is five seconds, whatever the machine does.
  await expect(accountPage(page).signedOut).toBeVisible({ timeout: 5_000 })
  await expect(conversation(page).composer).toHaveCount(0)
  await expect(devices).toContainText('Chrome on Linux is signed out.')
  await expect(device).toHaveCount(1)

  await page.reload()
  await expect(accountPage(page).signedOut).toBeVisible()
  await expect(page).toHaveURL(address)
  await signIn(page, email)
  await expect(conversation(page).composer).toHaveValue('Half a thought')
  await expect(page).toHaveURL(address)
  await other.context().close()
})

test('nobody asks who is here while that changes: the answer would throw the new login away', async ({
  page,
}) => {
  await pick(page)
  let asked = 0
  await page.route('**/api/auth/sign-up/email', async (route) => {
    await page.route('**/api/auth/**', async (other) => {
      asked += 1
      await other.continue()
    })
    const response = await route.fetch()
    // The guest is gone by now, and its page tries to connect again.
    await expect(page.getByText('Trying, attempt')).toBeAttached()
    expect(asked).toBe(0)
    await route.fulfill({ response })
  })
  await signUp(page, freshEmail())
  expect(asked).toBeGreaterThan(0)
})

test('all tabs become whoever signs up in one, and are nobody\u2019s once one signs out', async ({
  page,
  complaints,
}) => {
  complaints.expect(REFUSED)
  await pick(page)
  await say(page, SAID)
  await untilReplied(page)
  const other = await secondTab(page)
  const address = page.url()
  await signUp(page, freshEmail())
  await untilIn(other)
  await expect(other).toHaveURL(address)
  await expect(conversation(other).messages.nth(1)).toContainText(SAID)
  await say(other, 'And behind it?')
  await untilReplied(page, 2)
  await toAccount(page)
  await accountPage(page).signOut.click()
  for (const tab of [page, other]) {
    await expect(tab).toHaveURL(/\/$/)
    await expect(tab.getByRole('link', { name: 'Sign in or create an account' })).toBeVisible()
    await expect(tab.getByRole('link', { name: 'Wren Okafor', exact: true })).toBeVisible()
    await expect(tab.getByText(SAID)).toHaveCount(0)
  }
})

test('whoever was signed out elsewhere can go on as a guest, who has nothing of theirs', async ({
  page,
  browser,
  complaints,
  shared,
}) => {
  complaints.expect(REFUSED)
  const email = freshEmail()
  await pick(page)
  await say(page, SAID)
  await untilReplied(page)
  await signUp(page, email)
  const other = await otherDevice(browser, complaints, shared.url)
  await other.goto('/account')
  await signIn(other, email)
  await untilIn(other)
  await toAccount(other)
  await other.getByRole('button', { name: 'Sign out everywhere else' }).click()
  await accountPage(page).goOnAsGuest.click()
  await expect(page).toHaveURL(/\/$/)
  await expect(page.getByRole('link', { name: 'Sign in or create an account' })).toBeVisible()
  await expect(page.getByRole('link', { name: 'Wren Okafor', exact: true })).toBeVisible()
  await expect(page.getByText(SAID)).toHaveCount(0)
  await page.reload()
  await expect(page.getByRole('link', { name: 'Sign in or create an account' })).toBeVisible()
  await other.context().close()
})

test('what is wrong with a sign-up or a sign-in is said where it is wrong', async ({ page, complaints }) => {
  complaints.expect(REFUSED)
  const email = freshEmail()
  await page.goto('/')
  await signUp(page, email)
  await toAccount(page)
  await accountPage(page).signOut.click()
  await toAccount(page)
  const { create } = accountPage(page)
  await create.getByRole('button', { name: 'Create account' }).click()
  await expect(create.getByLabel('Name')).toBeFocused()
  await expect(create.getByRole('alert')).toHaveText('Enter a name. Any will do.')
  await create.getByLabel('Name').fill('Ada')
  await create.getByLabel('E-mail').fill(email)
  await create.getByLabel('Password', { exact: true }).fill('short')
  await create.getByLabel('Password', { exact: true }).press('Enter')
  await expect(create.getByRole('alert')).toHaveText('A password needs at least 8 characters.')
  await create.getByLabel('Password', { exact: true }).fill(PASSWORD)
  await create.getByLabel('Password', { exact: true }).press('Enter')
  await expect(create.getByRole('alert')).toContainText('There is an account with this e-mail already.')
  await expect(create.getByLabel('E-mail')).toBeFocused()
  await signIn(page, email, 'not the password')
  const form = accountPage(page).signIn
  await expect(form.getByRole('alert')).toHaveText('E-mail and password do not belong together. Check both.')
  await expect(form.getByLabel('Password', { exact: true })).toBeFocused()
  await signIn(page, email)
  await untilIn(page)
})

test('away, or asked too often, the server is said to be so', async ({ page, complaints, startOwn }) => {
  complaints.expect(/Failed to load resource/)
  complaints.expect(/WebSocket connection to/)
  const own = await startOwn()
  await page.goto(`${own.url}/account`)
  const { signIn: form } = accountPage(page)
  await signIn(page, freshEmail())
  await expect(form.getByRole('alert')).toContainText('do not belong together')
  const asked = () =>
    page.request.post(`${own.url}/api/auth/sign-in/email`, { headers: { origin: own.url }, data: {} })
  for (let status = 0; status !== 429; ) status = (await asked()).status()
  await form.getByRole('button', { name: 'Sign in' }).click()
  await expect(form.getByRole('alert')).toHaveText(/^Too many tries from here\. You can go on in \d+ s\.$/)
  await own.stop()
  await form.getByRole('button', { name: 'Sign in' }).click()
  await expect(form.getByRole('alert')).toContainText('The server cannot be reached. Nothing was changed')
})

test('[C4] what a guest has not sent yet comes along to the account, and is sent once', async ({ page }) => {
  const line = await tapLine(page)
  await pick(page)
  line.block(/"chat:message"/)
  await say(page, SAID)
  await expect.poll(() => eventsIn(line.sent, 'chat:message').length).toBe(1)
  line.block(NOTHING)
  await signUp(page, freshEmail())
  await untilReplied(page)
  const { messages } = conversation(page)
  await expect(messages).toHaveCount(3)
  await expect(messages.nth(1)).toContainText(SAID)
  const kept = () => page.evaluate(() => Object.keys(localStorage).filter((key) => key.includes('outbox')))
  await expect.poll(kept).toEqual([])
})

for (const who of ['guest', 'account'] as const) {
  test(`takes everything of the ${who} along as JSON, then deletes it, and nothing is there after`, async ({
    page,
    complaints,
  }) => {
    complaints.expect(REFUSED)
    const email = freshEmail()
    await pick(page)
    await say(page, SAID)
    await untilReplied(page)
    const address = page.url()
    if (who === 'account') await signUp(page, email)
    await toAccount(page)
    const { delete: open, dialog } = accountPage(page)
    await open.click()
    await expect(dialog).toContainText('All your conversations go')
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      dialog.getByRole('link', { name: 'Download as JSON' }).click(),
    ])
    expect(download.suggestedFilename()).toMatch(/\.json$/)
    expect(JSON.stringify(JSON.parse(await readFile(await download.path(), 'utf8')))).toContain(SAID)
    if (who === 'account') {
      const password = dialog.getByLabel('Your password')
      await password.fill('not the password')
      await password.press('Enter')
      await expect(dialog.getByRole('alert')).toHaveText('This is not the password of your account.')
      await password.fill(PASSWORD)
    }
    await dialog
      .getByRole('button', { name: who === 'account' ? 'Delete my account' : 'Delete everything' })
      .click()
    await expect(page).toHaveURL(/\/$/)
    await expect(page.getByRole('link', { name: 'Sign in or create an account' })).toBeVisible()
    await expect(page.getByText(SAID)).toHaveCount(0)
    await page.goto(address)
    await expect(page.getByRole('heading', { name: 'There is nothing here' })).toBeVisible()
    if (who === 'guest') return
    await toAccount(page)
    await signIn(page, email)
    await expect(accountPage(page).signIn.getByRole('alert')).toContainText('do not belong together')
  })
}
