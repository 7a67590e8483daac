import type { Page } from '@playwright/test'
import { expect, test } from '../product/fixtures.ts'
import { barriers } from './barriers.ts'
import { conversation, pick, say, untilReplied } from './conversation.ts'

const SCHEMES = ['light', 'dark'] as const

/** What makes the first frame dark: the system, or what the person chose earlier. */
const DARK = [
  ['the system is dark', 'dark', null],
  ['the person chose dark on a light system', 'light', 'dark'],
] as const

for (const [title, colorScheme, chosen] of DARK) {
  test(`case i5: the first frame is dark where ${title}`, async ({ page, context }) => {
    await page.emulateMedia({ colorScheme })
    await context.addInitScript((theme) => {
      // An empty page has no storage.
      if (theme !== null && location.protocol === 'http:') localStorage.setItem('parley.theme', theme)
    }, chosen)
    // The page's own program arrives only after the first frame was looked at.
    let goOn = () => {}
    const looked = new Promise<void>((resolve) => {
      goOn = resolve
    })
    await page.route(/\/assets\/.*\.js$/, async (route) => {
      await looked
      await route.continue()
    })
    await page.goto('/', { waitUntil: 'commit' })
    await expect.poll(() => firstPaint(page)).toBeGreaterThan(0)
    await expect(page.locator('#root')).toBeEmpty()
    const before = await brightness(page)
    goOn()
    await expect(page.getByRole('heading', { level: 1 })).toBeVisible()
    expect(before).toBeLessThan(40)
    expect(await brightness(page)).toBeLessThan(90)
  })
}

for (const colorScheme of SCHEMES) {
  test(`nothing that keeps people out, in ${colorScheme} colours: gallery and conversation`, async ({
    page,
  }) => {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    await page.goto('/')
    await expect(page.getByRole('link', { name: 'Wren Okafor', exact: true })).toBeVisible()
    expect(await barriers(page)).toEqual([])
    await pick(page)
    await say(page, 'Show me some code, please')
    await untilReplied(page)
    expect(await barriers(page)).toEqual([])
    await conversation(page).composer.fill('x'.repeat(8_001))
    await expect(page.getByText('1 character too long')).toBeVisible()
    expect(await barriers(page)).toEqual([])
  })
}

/** When the page was painted first, in milliseconds; 0: not yet. */
function firstPaint(page: Page): Promise<number> {
  return page.evaluate(() => performance.getEntriesByType('paint')[0]?.startTime ?? 0)
}

/** Mean brightness of what the page shows now, from 0 (black) to 255. */
async function brightness(page: Page): Promise<number> {
  const picture = (await page.screenshot()).toString('base64')
  const reader = await page.context().newPage()
  const mean = await reader.evaluate(async (data) => {
    const image = new Image()
    image.src = `data:image/png;base64,${data}`
    await image.decode()
    const canvas = new OffscreenCanvas(image.width, image.height)
    const drawing = canvas.getContext('2d')
    drawing?.drawImage(image, 0, 0)
    const pixels = drawing?.getImageData(0, 0, image.width, image.height).data ?? []
    let sum = 0
    for (let at = 0; at < pixels.length; at += 4) {
      sum += ((pixels[at] ?? 0) + (pixels[at + 1] ?? 0) + (pixels[at + 2] ?? 0)) / 3
    }
    return sum / (pixels.length / 4)
  }, picture)
  await reader.close()
  return mean
}
