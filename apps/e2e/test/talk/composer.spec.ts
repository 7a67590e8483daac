import { conversation, pick, say, untilReplied } from '../page/conversation.ts'
import { eventsIn, tapLine } from '../page/line.ts'
import { expect, test } from '../product/fixtures.ts'

/** The acks of this protocol's namespace, as they stand on the wire. */
const ACKS = /^43\/chat,/
const REFUSED = 'goes against the rules of this server'

test('case c3: Enter that confirms a composition does not send, in either way that browsers tell it', async ({
  page,
}) => {
  await pick(page)
  const { composer, messages } = conversation(page)
  await composer.focus()
  const keyboard = await page.context().newCDPSession(page)
  await keyboard.send('Input.imeSetComposition', { text: 'にほん', selectionStart: 3, selectionEnd: 3 })
  await expect(composer).toHaveValue('にほん')
  // Chromium and Firefox: the key is pressed while the composition goes on.
  await keyboard.send('Input.dispatchKeyEvent', {
    type: 'rawKeyDown',
    key: 'Enter',
    code: 'Enter',
    windowsVirtualKeyCode: 13,
  })
  await keyboard.send('Input.insertText', { text: '日本' })
  // Safari: the composition is over by then, and only the code 229 gives the key away.
  await keyboard.send('Input.dispatchKeyEvent', {
    type: 'rawKeyDown',
    key: 'Enter',
    code: 'Enter',
    windowsVirtualKeyCode: 229,
  })
  await composer.press('Shift+Enter')
  await composer.pressSequentially('and more')
  await composer.press('Enter')
  await expect(messages.nth(1)).toContainText('日本\nand more', { useInnerText: true })
  await untilReplied(page)
  await expect(messages).toHaveCount(3)
})

test('case d1: two Enters at once send one message', async ({ page }) => {
  const line = await tapLine(page)
  await pick(page)
  const { composer, messages } = conversation(page)
  await composer.fill('Once')
  await Promise.all([composer.press('Enter'), composer.press('Enter')])
  await untilReplied(page)
  await expect(messages).toHaveCount(3)
  expect(eventsIn(line.sent, 'chat:message')).toHaveLength(1)
})

test('case c7: what is written while the ack is slow stays', async ({ page }) => {
  const line = await tapLine(page)
  await pick(page)
  const { composer, messages } = conversation(page)
  line.hold(ACKS)
  await say(page, 'Hello')
  await expect.poll(() => line.held()).toBeGreaterThan(0)
  await composer.fill('And another thing')
  line.release()
  await untilReplied(page)
  await expect(messages).toHaveCount(3)
  await expect(composer).toHaveValue('And another thing')
})

test('case c7: a refused text comes back to be changed, with the reason, and is kept nowhere', async ({
  page,
}) => {
  await pick(page)
  const { composer, messages } = conversation(page)
  await say(page, 'What the fuck is this?')
  await expect(composer).toHaveValue('What the fuck is this?')
  await expect(page.getByRole('form', { name: 'Write a message' })).toContainText(REFUSED)
  await expect(messages).toHaveCount(1)
  await say(page, 'Hello')
  await untilReplied(page)
  await page.reload()
  await expect(messages).toHaveCount(3)
  await expect(page.getByText('fuck')).toHaveCount(0)
})

test('case c7: a refused text does not replace what is being written by then', async ({ page }) => {
  const line = await tapLine(page)
  await pick(page)
  const { composer, list } = conversation(page)
  line.hold(ACKS)
  await say(page, 'What the fuck is this?')
  await expect.poll(() => line.held()).toBeGreaterThan(0)
  await composer.fill('And another thing')
  line.release()
  await expect(list).toContainText(REFUSED)
  await expect(composer).toHaveValue('And another thing')
  await list.getByRole('button', { name: 'Edit' }).click()
  await expect(composer).toHaveValue('What the fuck is this?\nAnd another thing')
})
