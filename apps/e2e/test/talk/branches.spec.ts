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

test('[M6] a message is edited in mid-reply, answered anew and looked back at; two tabs stay the same', async ({
  page,
}) => {
  await pick(page)
  const other = await secondTab(page)
  await say(page, 'I have a bug that I cannot find.')
  await untilWriting(page)

  await conversation(page).messages.nth(1).hover()
  await page.getByRole('button', { name: 'Edit message' }).click()
  const editor = page.getByRole('textbox', { name: 'Your message' })
  await editor.fill('Thank you!')
  await editor.press('Enter')
  for (const tab of [page, other]) {
    await expect(conversation(tab).messages.nth(1)).toContainText('Thank you!')
    await expect(tab.getByRole('group', { name: 'Version 2 of 2' })).toBeVisible()
  }
  const answer = await untilReplied(page)
  await expect.poll(() => textIn(conversation(other).reply(1))).toBe(answer)

  await conversation(page).messages.nth(2).hover()
  await page.getByRole('button', { name: 'Answer anew' }).click()
  await expect(page.getByRole('group', { name: 'Version 2 of 2' })).toHaveCount(2)
  await untilReplied(page)

  await conversation(page).messages.nth(1).hover()
  const said = conversation(page).messages.nth(1)
  await said.getByRole('button', { name: 'Earlier version' }).click()
  for (const tab of [page, other]) {
    await expect(conversation(tab).messages.nth(1)).toContainText('I have a bug that I cannot find.')
    await expect(conversation(tab).messages.last()).toContainText('You stopped this reply.')
  }
  const shown = await textIn(conversation(page).list)
  await page.reload()
  await expect(conversation(page).messages.last()).toContainText('You stopped this reply.')
  expect((await textIn(conversation(page).list)).slice(0, 40)).toBe(shown.slice(0, 40))
})
