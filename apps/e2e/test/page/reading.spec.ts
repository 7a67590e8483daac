import type { Locator } from '@playwright/test'
import { expect, test } from '../product/fixtures.ts'
import { conversation, pick, say, untilReplied } from './conversation.ts'

const paragraphs = (count: number, word: string) => `${`A paragraph about ${word}.\n\n`.repeat(count)}`

test('case i1: who has scrolled up stays there while a reply is written, and is at the end after sending', async ({
  page,
  modelled: { server, model },
}) => {
  await pick(page, server.url)
  const { scroller, reply } = conversation(page)
  await say(page, 'Tell me something long.')
  const call = await model.nextCall()
  call.say(paragraphs(60, 'rivers'))
  await expect(reply(1)).toContainText('rivers')
  await expect.poll(() => toTheEnd(scroller)).toBeLessThan(2)
  const end = await top(scroller)
  await scroller.hover()
  await page.mouse.wheel(0, -300)
  await expect.poll(() => top(scroller)).toBe(end - 300)
  call.say(paragraphs(20, 'hills'))
  await expect(reply(1)).toContainText('hills')
  call.say(paragraphs(20, 'seas'))
  call.finish()
  expect(await untilReplied(page)).toContain('seas')
  expect(await top(scroller)).toBe(end - 300)
  await say(page, 'Thank you.')
  await expect.poll(() => toTheEnd(scroller)).toBeLessThan(2)
  const next = await model.nextCall()
  next.say(paragraphs(30, 'clouds'))
  next.finish()
  await untilReplied(page, 2)
  await expect.poll(() => toTheEnd(scroller)).toBeLessThan(2)
})

test('case i4: an on-screen keyboard leaves the composer and the newest words in view', async ({
  browser,
  shared,
  complaints,
}) => {
  const context = await browser.newContext({ viewport: { width: 390, height: 844 }, hasTouch: true })
  await complaints.watch(context)
  const page = await context.newPage()
  await pick(page, shared.url)
  await say(page, 'I have a bug')
  await untilReplied(page)
  const { composer, scroller } = conversation(page)
  // Android: the page itself gets smaller.
  await page.setViewportSize({ width: 390, height: 480 })
  await expect.poll(() => bottom(composer)).toBeLessThanOrEqual(480)
  await expect.poll(() => toTheEnd(scroller)).toBeLessThan(2)
  await page.setViewportSize({ width: 390, height: 844 })
  // iOS: the page stays as it is, and only its visual viewport gets smaller.
  // It comes, goes and comes back within a few frames, as when the person moves between two fields.
  await page.evaluate(async () => {
    for (const height of [460, 844, 460, 844, 460]) {
      Object.defineProperty(visualViewport, 'height', { get: () => height, configurable: true })
      visualViewport?.dispatchEvent(new Event('resize'))
      await new Promise((resolve) => requestAnimationFrame(resolve))
    }
  })
  await expect.poll(() => bottom(composer)).toBeLessThanOrEqual(460)
  await expect.poll(() => toTheEnd(scroller)).toBeLessThan(2)
  await context.close()
})

test('cases c4, c5: markup in a reply runs nothing, and a picture in it asks nobody', async ({
  page,
  modelled: { server, model },
}) => {
  const hosts = new Set<string>()
  page.on('request', (request) => hosts.add(new URL(request.url()).host))
  await pick(page, server.url)
  await say(page, 'Show me a picture.')
  const call = await model.nextCall()
  const text =
    '<img src=x onerror="document.title=1"> [here](javascript:document.title=1) ![x](https://pictures.example/p.png?q=secret) done'
  for (const character of text) call.say(character)
  call.finish()
  expect(await untilReplied(page)).toContain('done')
  await expect(page).toHaveTitle(/Parley$/)
  expect([...hosts]).toEqual([new URL(server.url).host])
  await expect(conversation(page).reply(1).locator('a[href^="javascript:"]')).toHaveCount(0)
})

const top = (scroller: Locator) => scroller.evaluate((element) => Math.round(element.scrollTop))

const toTheEnd = (scroller: Locator) =>
  scroller.evaluate((element) => element.scrollHeight - element.scrollTop - element.clientHeight)

async function bottom(element: Locator): Promise<number> {
  const box = await element.boundingBox()
  return box === null ? Number.POSITIVE_INFINITY : box.y + box.height
}
