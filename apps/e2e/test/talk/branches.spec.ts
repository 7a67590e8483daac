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
  modelled: { server, model },
}) => {
  await pick(page, server.url)
  const other = await secondTab(page)
  const tabs = [page, other]
  await say(page, 'I have a bug that I cannot find.')
  const first = await model.nextCall()
  first.say('Where did you look ')
  await untilWriting(page)

  await conversation(page).messages.nth(1).hover()
  await page.getByRole('button', { name: 'Edit message' }).click()
  const editor = page.getByRole('textbox', { name: 'Your message' })
  await editor.fill('Thank you!')
  await editor.press('Enter')
  await first.left
  for (const tab of tabs) {
    await expect(conversation(tab).messages.nth(1)).toContainText('Thank you!')
    await expect(tab.getByRole('group', { name: 'Version 2 of 2' })).toBeVisible()
  }
  const second = await model.nextCall()
  second.say('You are welcome.')
  second.finish()
  for (const tab of tabs) expect(await untilReplied(tab)).toBe('You are welcome.')

  await conversation(page).messages.nth(2).hover()
  await page.getByRole('button', { name: 'Answer anew' }).click()
  await expect(page.getByRole('group', { name: 'Version 2 of 2' })).toHaveCount(2)
  const third = await model.nextCall()
  third.say('Any time.')
  third.finish()
  for (const tab of tabs) await expect(conversation(tab).reply(1)).toHaveText('Any time.')
  await untilReplied(page)

  await conversation(page).messages.nth(1).hover()
  const said = conversation(page).messages.nth(1)
  await said.getByRole('button', { name: 'Earlier version' }).click()
  for (const tab of tabs) {
    await expect(conversation(tab).messages.nth(1)).toContainText('I have a bug that I cannot find.')
    await expect(conversation(tab).messages.last()).toContainText('You stopped this reply.')
  }
  const shown = await textIn(conversation(page).list)
  await page.reload()
  await expect(conversation(page).messages.last()).toContainText('You stopped this reply.')
  expect(await textIn(conversation(page).list)).toBe(shown)
})
