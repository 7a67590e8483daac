import { existsSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { startServer } from '../product/server.ts'
import { provideChromium } from './fetch-chromium.ts'
import { BUILT, TEMPLATE } from './places.ts'

/** Once before all tests: there is a built product, a browser, and a database to copy. */
// biome-ignore lint/style/noDefaultExport: Playwright calls the default export.
export default async function globalSetup(): Promise<void> {
  const missing = BUILT.filter((path) => !existsSync(path))
  if (missing.length > 0) {
    throw new Error(`Run \`npx -y pnpm@12.4.2 build\` first: there is no ${missing.join(' and no ')}.`)
  }
  await provideChromium()
  await rm(TEMPLATE, { recursive: true, force: true })
  const server = await startServer(TEMPLATE)
  await server.stop()
}
