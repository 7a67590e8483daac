import type { BrowserContext } from '@playwright/test'
import { conversation, pick, say, untilReplied } from '../page/conversation.ts'
import { NOBODY_ANSWERS, notice } from '../page/offline.ts'
import { expect, test } from '../product/fixtures.ts'

/** Longer than the first wait before a new attempt, in milliseconds. */
const FIRST_WAIT_MS = 600

test('[C4] case a4: the server restarts; the pages come back by themselves, and all that was said is there', async ({
  page,
  context,
  startOwn,
  complaints,
}) => {
  complaints.expect(NOBODY_ANSWERS)
  await context.clock.install()
  const server = await startOwn()
  await pick(page, server.url)
  await say(page, 'Hello there')
  const first = await untilReplied(page)
  const other = await context.newPage()
  await other.goto(page.url())
  await untilReplied(other)
  await stopTime(context)
  await server.stop()
  for (const tab of [page, other]) await expect(notice(tab)).toContainText('attempt 1 of 5')
  await context.clock.runFor(FIRST_WAIT_MS)
  for (const tab of [page, other]) await expect(notice(tab)).toContainText('attempt 2 of 5')
  await server.start()
  await context.clock.resume()
  for (const tab of [page, other]) await expect(notice(tab)).toBeHidden()
  expect(await untilReplied(page)).toBe(first)
  await say(other, 'Are you still here?')
  await expect(conversation(page).messages.nth(3)).toContainText('Are you still here?')
  expect(await untilReplied(page, 2)).toBe(await untilReplied(other, 2))
})

test('case a1: what is said while there is no server is delivered once when it is back', async ({
  page,
  context,
  startOwn,
  complaints,
}) => {
  complaints.expect(NOBODY_ANSWERS)
  await context.clock.install()
  const server = await startOwn()
  await pick(page, server.url)
  await stopTime(context)
  await server.stop()
  await expect(notice(page)).toBeVisible()
  await say(page, 'Can you hear me?')
  await expect(conversation(page).list).toContainText('Will be sent when the connection is back')
  await server.start()
  await context.clock.resume()
  await untilReplied(page)
  await page.reload()
  await untilReplied(page)
  await expect(conversation(page).messages).toHaveCount(3)
  await expect(conversation(page).messages.nth(1)).toContainText('Can you hear me?')
})

test('[C4] a page that gave up finds the server by itself when it is back, and sends what waited', async ({
  page,
  context,
  startOwn,
  complaints,
}) => {
  complaints.expect(NOBODY_ANSWERS)
  await context.clock.install()
  const server = await startOwn()
  await pick(page, server.url)
  await stopTime(context)
  await server.stop()
  const said = async () => {
    await context.clock.runFor(8_000)
    return (await notice(page).textContent()) ?? ''
  }
  await expect.poll(said).toContain('There is no connection to the server')
  await expect(page.getByRole('button', { name: 'Try again' })).toBeVisible()
  await say(page, 'Can you hear me?')
  await server.start()
  await context.clock.runFor(31_000)
  await expect(notice(page)).toBeHidden()
  await context.clock.resume()
  await untilReplied(page)
  await expect(conversation(page).messages).toHaveCount(3)
})

/** A busy machine may start the server too slowly for the attempts: the pages' time waits for it. */
async function stopTime(context: BrowserContext): Promise<void> {
  await context.clock.pauseAt(Date.now() + 1_000)
}
