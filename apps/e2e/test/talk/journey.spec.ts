import {
  conversation,
  pick,
  say,
  secondTab,
  textIn,
  untilReplied,
  untilWriting,
} from '../page/conversation.ts'
import { expect, test } from '../product/fixtures.ts'

const QUESTION = 'I have a bug that I cannot find.'
const ENDING = 'Which of the six steps are you at?'

test('a first visit: pick a persona, say something, see the reply being written, reload: all is there', async ({
  page,
}) => {
  await pick(page)
  const { reply, messages } = conversation(page)
  await expect(reply(0)).toContainText('I have spent fifteen years writing software')
  await say(page, QUESTION)
  const begun = await untilWriting(page)
  expect(begun).not.toContain(ENDING)
  const whole = await untilReplied(page)
  expect(whole.slice(0, 20)).toBe(begun.slice(0, 20))
  expect(whole).toContain(ENDING)
  await page.reload()
  await expect(messages).toHaveCount(3)
  await expect(messages.nth(1)).toContainText(QUESTION)
  expect(await untilReplied(page)).toBe(whole)
})

test('[M3] a second tab sees what is said in the first, and the reply as it is written', async ({ page }) => {
  await pick(page)
  const other = await secondTab(page)
  await say(page, QUESTION)
  await expect(conversation(other).messages.nth(1)).toContainText(QUESTION)
  const begun = await untilWriting(other)
  expect(begun).not.toContain(ENDING)
  const whole = await untilReplied(other)
  expect(whole).toContain(ENDING)
  expect(await untilReplied(page)).toBe(whole)
})

test('[R6] case b8: a reply stopped in the middle says the same in both tabs and after a reload', async ({
  page,
}) => {
  await pick(page)
  const other = await secondTab(page)
  await say(page, QUESTION)
  const begun = await untilWriting(page)
  await conversation(page).stop.click()
  for (const tab of [page, other]) {
    await expect(conversation(tab).messages.last()).toContainText('You stopped this reply.')
  }
  const kept = await textIn(conversation(page).reply(1))
  expect(kept.slice(0, 20)).toBe(begun.slice(0, 20))
  expect(kept).not.toContain(ENDING)
  await expect.poll(() => textIn(conversation(other).reply(1))).toBe(kept)
  await page.reload()
  await expect(conversation(page).messages.last()).toContainText('You stopped this reply.')
  expect(await textIn(conversation(page).reply(1))).toBe(kept)
})

test('case b9: reloaded in mid-reply, and left for another conversation and back, the reply goes on whole', async ({
  page,
}) => {
  await pick(page)
  const address = page.url()
  await say(page, QUESTION)
  const begun = await untilWriting(page)
  await page.reload()
  await page.getByRole('link', { name: 'Parley, all personas' }).click()
  await expect(page).toHaveURL(/\/$/)
  await page.goto(address)
  const whole = await untilReplied(page)
  expect(whole.slice(0, 20)).toBe(begun.slice(0, 20))
  expect(whole).toContain(ENDING)
  expect(whole.split(ENDING)).toHaveLength(2)
})
