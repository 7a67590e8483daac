import { join } from 'node:path'
import type { Page } from '@playwright/test'
import { conversation, pick, say, untilReplied } from '../test/page/conversation.ts'
import { expect, test } from '../test/product/fixtures.ts'
import { ROOT } from '../test/set-up/places.ts'

const FOLDER = join(ROOT, 'docs/images')
const SIZES = { '': { width: 1280, height: 800 }, '-small': { width: 390, height: 844 } }

/** One guest's conversations with the demo scripts, looked at in both themes and sizes. */
test('the pictures in docs/images', async ({ page }) => {
  await page.emulateMedia({ reducedMotion: 'reduce' })
  await shoot(page, 'gallery')
  for (const [name, text] of [
    ['Chef Bruna', 'What can I cook tonight?'],
    ['Oriel the Lamplighter', 'Who are you?'],
    ['Wren Okafor', 'Could you show me an example of clear code?'],
  ] as const) {
    await pick(page, '/', name)
    await say(page, text)
    await untilReplied(page)
  }
  await say(page, 'Thanks! And how do I test it?')
  await untilReplied(page, 2)
  await shoot(page, 'chat')
})

async function shoot(page: Page, name: string): Promise<void> {
  for (const [suffix, size] of Object.entries(SIZES)) {
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.setViewportSize(size)
      await page.emulateMedia({ colorScheme })
      if (name === 'gallery') await page.goto('/')
      else await page.reload()
      const seen = name === 'gallery' ? page.getByRole('listitem').first() : conversation(page).reply(2)
      await expect(seen).toBeVisible()
      await page.waitForLoadState('networkidle')
      await page.evaluate(() => document.fonts.ready)
      await page.screenshot({ path: join(FOLDER, `${name}-${colorScheme}${suffix}.png`) })
    }
  }
}
