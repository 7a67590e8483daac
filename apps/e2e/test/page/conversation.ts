import type { Locator, Page } from '@playwright/test'
import { expect } from '../product/fixtures.ts'

/** The persona that tests talk with; its scripted answer to a question about bugs is the longest. */
const PERSONA = 'Wren Okafor'

/** The page's parts, by the names that a screen reader gives them. */
export function conversation(page: Page) {
  const list = page.getByRole('list', { name: /^Conversation with/ })
  return {
    composer: page.getByRole('textbox', { name: /^Message to/ }),
    send: page.getByRole('button', { name: 'Send', exact: true }),
    stop: page.getByRole('button', { name: 'Stop the reply' }),
    /** The part that scrolls. */
    scroller: page.getByRole('region', { name: 'Messages' }),
    list,
    /** Everything said and committed, the greeting first; lists inside of a reply are none of it. */
    messages: list.locator(':scope > li[data-id]'),
    /** What a reply says, without its speaker and time; the greeting is number 0. */
    reply: (number: number) => list.locator(':scope > li .markdown').nth(number),
  }
}

/** Opens the page for the first time and picks a persona. */
export async function pick(page: Page, url = '/', name = PERSONA): Promise<void> {
  await page.goto(url)
  await page.getByRole('link', { name, exact: true }).click()
  await expect(conversation(page).composer).toBeVisible()
  await expect(page).toHaveURL(/\/chat\/[^/]+\/[^/]+$/)
}

/** Opens the same conversation in another tab of the same person. */
export async function secondTab(page: Page): Promise<Page> {
  const other = await page.context().newPage()
  await other.goto(page.url())
  await expect(conversation(other).reply(0)).toBeVisible()
  return other
}

/** Writes a text and sends it by Enter. */
export async function say(page: Page, text: string): Promise<void> {
  const { composer } = conversation(page)
  await composer.fill(text)
  await composer.press('Enter')
}

/** Waits until a reply has text and is still being written. Returns what it says by then. */
export async function untilWriting(page: Page, number = 1): Promise<string> {
  const { reply, stop } = conversation(page)
  await expect(reply(number)).toContainText(/\w+ \w+ /)
  const text = await textIn(reply(number))
  await expect(stop).toBeVisible()
  return text
}

/** Waits until a reply is there and at its end. Returns what it says. */
export async function untilReplied(page: Page, number = 1): Promise<string> {
  const { reply, stop } = conversation(page)
  await expect(reply(number)).toBeVisible()
  await expect(stop).toBeHidden()
  return textIn(reply(number))
}

/** Text of what stands in a place now. */
export async function textIn(place: Locator): Promise<string> {
  return ((await place.textContent()) ?? '').trim()
}
