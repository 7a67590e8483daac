import type { Page } from '@playwright/test'
import { conversation, pick, say, secondTab, textIn, untilReplied } from '../page/conversation.ts'
import { expect, test } from '../product/fixtures.ts'

test('case b9: a reply goes on after a reload in its middle: what was there is the beginning of what is stored', async ({
  page,
  modelled: { server, model },
}) => {
  await pick(page, server.url)
  const { reply, messages } = conversation(page)
  await say(page, 'Tell me a story.')
  const call = await model.nextCall()
  call.say('Once upon a time 🦊 there was ')
  await expect(reply(1)).toContainText('there was')
  const before = await textIn(reply(1))
  await page.reload()
  await expect(reply(1)).toContainText('there was')
  expect(await textIn(reply(1))).toBe(before)
  call.say('a fox who read')
  await expect(reply(1)).toContainText('a fox')
  expect((await textIn(reply(1))).startsWith(before)).toBe(true)
  // This one reaches the server while no page is there.
  await page.goto('about:blank')
  call.say(' a book about foxes.')
  await page.goBack()
  await expect(reply(1)).toContainText('about foxes')
  call.finish()
  const whole = await untilReplied(page)
  expect(whole).toBe('Once upon a time 🦊 there was a fox who read a book about foxes.')
  await page.reload()
  expect(await untilReplied(page)).toBe(whole)
  await expect(messages).toHaveCount(3)
})

test('[M3] [M6] [R6] two tabs show the same through sending, stopping, editing and answering anew', async ({
  page,
  modelled: { server, model },
}) => {
  await pick(page, server.url)
  const other = await secondTab(page)
  const tabs = [page, other] as const

  await say(page, 'What is a fox?')
  const first = await model.nextCall()
  first.say('A fox is an animal')
  await untilSame(tabs, ['What is a fox?', 'A fox is an animal'])
  first.say(' with a tail.')
  first.finish()
  await untilSame(tabs, ['What is a fox?', 'with a tail.'])

  await say(other, 'And a wolf?')
  const second = await model.nextCall()
  second.say('A wolf is a long story, ')
  await untilSame(tabs, ['And a wolf?', 'a long story'])
  await conversation(page).stop.click()
  await second.left
  await untilSame(tabs, ['a long story', 'You stopped this reply.'])

  await conversation(other).messages.nth(3).hover()
  await other.getByRole('button', { name: 'Edit message' }).last().click()
  const editor = other.getByRole('textbox', { name: 'Your message' })
  await editor.fill('And a bear?')
  await editor.press('Enter')
  const third = await model.nextCall()
  third.say('A bear is big.')
  third.finish()
  await untilSame(tabs, ['And a bear?', '2/2', 'A bear is big.'], ['And a wolf?', 'You stopped'])

  await conversation(page).messages.nth(4).hover()
  await page.getByRole('button', { name: 'Answer anew' }).click()
  const fourth = await model.nextCall()
  fourth.say('Bears are bigger than ')
  await untilSame(tabs, ['And a bear?', 'Bears are bigger than'], ['A bear is big.'])
  fourth.say('foxes.')
  fourth.finish()
  await untilSame(tabs, ['Bears are bigger than foxes.'])

  const versions = conversation(other).messages.nth(3).getByRole('group', { name: 'Version 2 of 2' })
  await versions.getByRole('button', { name: 'Earlier version' }).click()
  await untilSame(tabs, ['And a wolf?', '1/2', 'You stopped this reply.'], ['And a bear?'])

  const shown = await visible(page)
  for (const tab of tabs) await tab.reload()
  await untilSame(tabs, ['You stopped this reply.'])
  expect(await visible(page)).toEqual(shown)
})

/** Waits until both tabs show the same conversation, with these texts in this order and without the others. */
async function untilSame(
  [one, two]: readonly [Page, Page],
  has: readonly string[],
  hasNot: readonly string[] = [],
): Promise<void> {
  await expect
    .poll(async () => {
      const [a, b] = await Promise.all([visible(one), visible(two)])
      const text = a.join('\n')
      const at = has.map((part) => text.lastIndexOf(part))
      return {
        same: a.join('\n') === b.join('\n') ? 'yes' : [a, b],
        lacks: has.filter((_, index) => (at[index] ?? -1) < (at[index - 1] ?? 0)),
        shows: hasNot.filter((part) => text.includes(part)),
      }
    })
    .toEqual({ same: 'yes', lacks: [], shows: [] })
}

/** Every row of the conversation as it is shown, what is on its way included. */
async function visible(page: Page): Promise<string[]> {
  return await conversation(page).list.locator(':scope > li').allTextContents()
}
