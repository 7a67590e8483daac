import type { Page } from '@playwright/test'
import { conversation, pick, say, secondTab, untilReplied } from '../page/conversation.ts'
import { eventsIn, tapLine } from '../page/line.ts'
import { goOffline, NOBODY_ANSWERS } from '../page/offline.ts'
import { expect, test } from '../product/fixtures.ts'

const WAITS = 'Will be sent when the connection is back'

test('case a1: three messages typed offline are sent once each, in order, and answered', async ({
  page,
  context,
  complaints,
}) => {
  complaints.expect(NOBODY_ANSWERS)
  const line = await tapLine(page)
  await pick(page)
  await goOffline({ page, line })
  const texts = ['The first thing', 'The second thing', 'The third thing']
  for (const text of texts) await say(page, text)
  await expect(page.getByText(WAITS)).toHaveCount(3)
  expect(eventsIn(line.sent, 'chat:message')).toEqual([])
  await context.setOffline(false)
  await untilTold(page, texts)
  const sent = eventsIn(line.sent, 'chat:message')
  expect(sent.map((frame) => texts.findIndex((text) => frame.includes(text)))).toEqual([0, 1, 2])
  await page.reload()
  await untilTold(page, texts)
})

test('[C4] what is typed offline outlives a reload, and goes out before what is typed after it', async ({
  page,
  context,
  complaints,
}) => {
  complaints.expect(NOBODY_ANSWERS)
  const line = await tapLine(page)
  await pick(page)
  await goOffline({ page, line })
  await say(page, 'Before the reload')
  await expect(page.getByText(WAITS)).toBeVisible()
  await conversation(page).composer.fill('A draft')
  await context.setOffline(false)
  await page.reload()
  await expect(conversation(page).composer).toHaveValue('A draft')
  await conversation(page).composer.press('Enter')
  await untilTold(page, ['Before the reload', 'A draft'])
})

test('[C4] what a closed tab left is another tab\u2019s at once, and is sent once when the line is back', async ({
  page,
  context,
  complaints,
}) => {
  complaints.expect(NOBODY_ANSWERS)
  const line = await tapLine(page)
  await pick(page)
  const other = await context.newPage()
  const otherLine = await tapLine(other)
  await other.goto(page.url())
  await expect(conversation(other).reply(0)).toBeVisible()
  await goOffline({ page, line }, { page: other, line: otherLine })
  await say(page, 'Left behind')
  await expect(page.getByText(WAITS)).toBeVisible()
  await expect(other.getByText('Left behind')).toBeHidden()
  await page.close()
  await expect(other.getByText('Left behind')).toBeVisible()
  await expect(other.getByText(WAITS)).toBeVisible()
  await context.setOffline(false)
  await untilTold(other, ['Left behind'])
  expect(eventsIn([...line.sent, ...otherLine.sent], 'chat:message')).toHaveLength(1)
})

test('[C4] an open tab sends what a closed one left, also while it shows something else', async ({
  page,
  context,
}) => {
  const line = await tapLine(page)
  await pick(page)
  const address = page.url()
  const other = await secondTab(page)
  await other.getByRole('link', { name: 'Parley, all personas' }).click()
  await expect(other).toHaveURL(/\/$/)
  // The tab is closed before it hears that its message was taken.
  line.hold(/^43\/chat,/)
  line.block(/"chat:message"/)
  await say(page, 'Left behind')
  await expect.poll(() => eventsIn(line.sent, 'chat:message').length).toBe(1)
  await page.close()
  await expect(other.getByRole('link', { name: /Left behind/ })).toBeVisible()
  await other.goto(address)
  await untilTold(other, ['Left behind'])
  await context.close()
})

test('what was written to a conversation that is gone is shown, and comes along to a new one', async ({
  page,
}) => {
  await pick(page)
  const signedIn = await (await page.request.get('/api/auth/get-session')).json()
  await page.evaluate((userId) => {
    const message = { userId, sessionId: 'gone', clientMessageId: 'c1', content: 'Never sent' }
    const kept = { ...message, page: 'closed', storedAt: Date.now(), replaces: null, place: 1, error: null }
    localStorage.setItem('parley.outbox.c1', JSON.stringify(kept))
    localStorage.setItem('parley.outbox.c2', JSON.stringify({ ...kept, userId: 'x', clientMessageId: 'c2' }))
  }, signedIn.user.id)
  await page.goto(page.url().replace(/[^/]+$/, 'gone'))
  const unsent = page.getByRole('region', { name: 'Not sent' })
  await expect(unsent.getByRole('listitem')).toHaveCount(1)
  await expect(unsent).toContainText('Never sent')
  await page.getByRole('button', { name: 'Take it to a new conversation' }).click()
  await expect(conversation(page).composer).toHaveValue('Never sent')
  const kept = () => page.evaluate(() => Object.keys(localStorage).filter((key) => key.includes('outbox')))
  expect(await kept()).toEqual(['parley.outbox.c2'])
})

/** Waits until all of this was said, in this order and nothing else, and answered. */
async function untilTold(page: Page, texts: readonly string[]): Promise<void> {
  const { messages } = conversation(page)
  await expect(messages).toHaveCount(1 + 2 * texts.length)
  for (const [index, text] of texts.entries()) {
    await expect(messages.nth(1 + 2 * index)).toContainText(text)
    expect(await untilReplied(page, index + 1)).not.toBe('')
  }
}
