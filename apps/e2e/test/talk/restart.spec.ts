import type { Page } from '@playwright/test'
import { conversation, pick, say, untilReplied } from '../page/conversation.ts'
import { expect, test } from '../product/fixtures.ts'

const LOST = /^Connection lost/

test('[C4] case a4: the server restarts; the pages come back by themselves, and all that was said is there', async ({
  page,
  context,
  startOwn,
  complaints,
}) => {
  complaints.expect(/WebSocket connection to|ERR_CONNECTION_REFUSED|Failed to load resource/)
  const server = await startOwn()
  await pick(page, server.url)
  await say(page, 'Hello there')
  const first = await untilReplied(page)
  const other = await context.newPage()
  await other.goto(page.url())
  await untilReplied(other)
  await server.stop()
  for (const tab of [page, other]) await expect(notice(tab)).toBeVisible()
  await server.start()
  for (const tab of [page, other]) await expect(notice(tab)).toBeHidden()
  expect(await untilReplied(page)).toBe(first)
  await say(other, 'Are you still here?')
  await expect(conversation(page).messages.nth(3)).toContainText('Are you still here?')
  expect(await untilReplied(page, 2)).toBe(await untilReplied(other, 2))
})

test('case a1: what is said while there is no server is delivered once when it is back', async ({
  page,
  startOwn,
  complaints,
}) => {
  complaints.expect(/WebSocket connection to|ERR_CONNECTION_REFUSED|Failed to load resource/)
  const server = await startOwn()
  await pick(page, server.url)
  await server.stop()
  await expect(notice(page)).toBeVisible()
  await say(page, 'Can you hear me?')
  await expect(conversation(page).list).toContainText('Will be sent when the connection is back')
  await server.start()
  await untilReplied(page)
  await page.reload()
  await untilReplied(page)
  await expect(conversation(page).messages).toHaveCount(3)
  await expect(conversation(page).messages.nth(1)).toContainText('Can you hear me?')
})

function notice(page: Page) {
  return page.getByRole('status').filter({ hasText: LOST })
}
