import type { Browser, Page } from '@playwright/test'
import { type Complaints, expect } from '../product/fixtures.ts'

/** What a browser writes into its console when the server refuses a request. */
export const REFUSED = /Failed to load resource: the server responded with a status of 4\d\d/

export const PASSWORD = 'correct horse battery'

let made = 0

/** An address that no test used before. */
export function freshEmail(): string {
  made += 1
  return `ada.${Date.now()}.${made}@example.org`
}

/** The account's parts, by the names that a screen reader gives them. */
export function accountPage(page: Page) {
  const devices = page.getByRole('region', { name: 'Devices' })
  return {
    create: page.getByRole('form', { name: 'Create account' }),
    signIn: page.getByRole('form', { name: 'Sign in' }),
    signInTab: page.getByRole('tab', { name: 'Sign in' }),
    devices,
    device: devices.getByRole('listitem'),
    signOut: page.getByRole('button', { name: 'Sign out', exact: true }),
    signedOut: page.getByRole('heading', { name: 'You are signed out' }),
    goOnAsGuest: page.getByRole('button', { name: 'Go on as a guest' }),
    delete: page.getByRole('button', { name: /^Delete (my account|everything)…$/ }),
    dialog: page.getByRole('alertdialog'),
  }
}

/** Goes to the account from wherever one is. */
export async function toAccount(page: Page): Promise<void> {
  await page.getByRole('link', { name: /^(Sign in or create an account|Your account)$/ }).click()
  await expect(page).toHaveURL(/\/account/)
}

/** Makes the guest of a page an account; Enter sends. Resolves once the page is back where it came from. */
export async function signUp(page: Page, email: string, name = 'Ada'): Promise<void> {
  await toAccount(page)
  const { create } = accountPage(page)
  await create.getByLabel('Name').fill(name)
  await create.getByLabel('E-mail').fill(email)
  await create.getByLabel('Password', { exact: true }).fill(PASSWORD)
  await create.getByLabel('Password', { exact: true }).press('Enter')
  await untilIn(page)
}

/** Signs in, on the page of the account or on that of somebody who was signed out. */
export async function signIn(page: Page, email: string, password = PASSWORD): Promise<void> {
  const { signIn: form, signInTab } = accountPage(page)
  await expect(form.or(signInTab).first()).toBeVisible()
  if (await signInTab.isVisible()) await signInTab.click()
  await form.getByLabel('E-mail').fill(email)
  await form.getByLabel('Password', { exact: true }).fill(password)
  await form.getByLabel('Password', { exact: true }).press('Enter')
}

/** Waits until the page is somebody's who has an account. */
export async function untilIn(page: Page): Promise<void> {
  await expect(page.getByRole('link', { name: 'Your account' })).toBeVisible()
}

/** A browser of its own: another device. */
export async function otherDevice(
  browser: Browser,
  complaints: Complaints,
  baseURL: string,
  userAgent?: string,
): Promise<Page> {
  const context = await browser.newContext({ baseURL, ...(userAgent === undefined ? {} : { userAgent }) })
  await complaints.watch(context)
  return context.newPage()
}
