import { barriers } from '../page/barriers.ts'
import { expect, test } from '../product/fixtures.ts'
import {
  accountPage,
  freshEmail,
  otherDevice,
  REFUSED,
  signIn,
  signUp,
  toAccount,
  untilIn,
} from './account.ts'

for (const colorScheme of ['light', 'dark'] as const) {
  test(`nothing that keeps people out, in ${colorScheme} colours: the account of a guest, one\u2019s own, and none any more`, async ({
    page,
    browser,
    complaints,
    shared,
  }) => {
    complaints.expect(REFUSED)
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    await page.goto('/account')
    const { create, device, dialog, delete: open, signedOut } = accountPage(page)
    await create.getByLabel('Name').press('Enter')
    await expect(create.getByRole('alert')).toBeVisible()
    expect(await barriers(page)).toEqual([])

    const email = freshEmail()
    await page.goto('/')
    await signUp(page, email)
    const other = await otherDevice(browser, complaints, shared.url)
    await other.goto('/account')
    await signIn(other, email)
    await untilIn(other)
    await toAccount(page)
    await expect(device).toHaveCount(2)
    expect(await barriers(page)).toEqual([])

    await open.click()
    await expect(dialog.getByLabel('Your password')).toBeVisible()
    expect(await barriers(page)).toEqual([])

    await toAccount(other)
    await other.getByRole('button', { name: 'Sign out everywhere else' }).click()
    await expect(signedOut).toBeVisible()
    expect(await barriers(page)).toEqual([])
    await other.context().close()
  })
}
