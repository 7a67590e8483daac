import { conversation, pick, say, untilReplied } from '../page/conversation.ts'
import { eventsIn, tapLine } from '../page/line.ts'
import { expect, test } from '../product/fixtures.ts'
import { freePort } from '../product/server.ts'
import { startVite } from '../product/vite.ts'

test('case a3: in development, where React mounts everything twice, it is still one socket, join and session', async ({
  context,
  startOwn,
}) => {
  const port = await freePort()
  const url = `http://localhost:${port}`
  const server = await startOwn({ FRONTEND_URL: url })
  const vite = await startVite(port, server.url)
  // Vite may load the first page twice, when it finds out what the page needs.
  await pick(await context.newPage(), url)
  const page = await context.newPage()
  const line = await tapLine(page)
  await pick(page, url)
  await say(page, 'Hello')
  await untilReplied(page)
  await expect(conversation(page).messages).toHaveCount(3)
  expect(line.opened()).toBe(1)
  expect(eventsIn(line.sent, 'chat:auth')).toHaveLength(1)
  expect(eventsIn(line.sent, 'chat:join')).toHaveLength(1)
  expect(await (await page.request.get(`${url}/api/sessions`)).json()).toHaveLength(1)
  await context.close()
  await vite.stop()
})
