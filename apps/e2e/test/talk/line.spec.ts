import { conversation, pick, say, untilReplied } from '../page/conversation.ts'
import { eventsIn, tapLine } from '../page/line.ts'
import { expect, test } from '../product/fixtures.ts'

test('case a3: opening the page and picking a persona takes one socket, one join, one session', async ({
  page,
}) => {
  const line = await tapLine(page)
  await pick(page)
  await say(page, 'Hello')
  await untilReplied(page)
  expect(line.opened()).toBe(1)
  expect(eventsIn(line.sent, 'chat:auth')).toHaveLength(1)
  expect(eventsIn(line.sent, 'chat:join')).toHaveLength(1)
  expect(eventsIn(line.sent, 'chat:message')).toHaveLength(1)
  const sessions = await page.request.get('/api/sessions')
  expect(await sessions.json()).toHaveLength(1)
})

test('case a2: after three reconnections one reply is one bubble', async ({ page }) => {
  const line = await tapLine(page)
  await pick(page)
  const { composer, list } = conversation(page)
  for (const count of [2, 3, 4]) {
    await line.cut()
    await expect.poll(() => line.opened()).toBe(count)
    await expect.poll(() => eventsIn(line.sent, 'chat:join').length).toBe(count)
    await expect(page.getByText('Connection lost')).toBeHidden()
  }
  await expect(composer).toBeEditable()
  await say(page, 'Hello')
  const said = await untilReplied(page)
  await expect(list.locator(':scope > li')).toHaveCount(3)
  await expect(list.getByText(said)).toHaveCount(1)
})

test('two first tabs at once are one guest', async ({ context }) => {
  const signIns: string[] = []
  context.on('request', (request) => {
    if (request.url().endsWith('/sign-in/anonymous')) signIns.push(request.url())
  })
  const tabs = await Promise.all([context.newPage(), context.newPage()])
  await Promise.all(tabs.map((tab) => pick(tab)))
  expect(signIns).toHaveLength(1)
  const [one, two] = tabs.map((tab) => tab.url())
  expect(two).toBe(one)
})

test('[A2] the address of somebody else’s conversation shows a sentence and a way on', async ({
  page,
  browser,
  complaints,
}) => {
  await pick(page)
  await say(page, 'Only for us')
  await untilReplied(page)
  const stranger = await browser.newContext()
  await complaints.watch(stranger)
  const theirs = await stranger.newPage()
  await theirs.goto(page.url())
  await expect(
    theirs.getByRole('alert').filter({ hasText: 'This conversation does not exist.' }),
  ).toBeVisible()
  await expect(theirs.getByText('Only for us')).toHaveCount(0)
  await theirs.getByRole('main').getByRole('link', { name: 'All personas' }).click()
  await expect(theirs.getByRole('link', { name: 'Wren Okafor', exact: true })).toBeVisible()
  await stranger.close()
})
