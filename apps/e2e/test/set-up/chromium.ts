import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { chromium } from '@playwright/test'

/** What a person does when there is no browser. */
export const HOW_TO_INSTALL =
  'install Chromium or Google Chrome, or run `npx -y pnpm@12.4.2 --filter @parley/e2e exec playwright install chromium`, or name a browser in PARLEY_CHROMIUM'

const LINUX = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome', 'microsoft-edge']

/** Switches that a browser in a container or without a screen needs, and none that phones anywhere. */
export const CHROMIUM_ARGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
]

/**
 * The path of a browser: the one that `PARLEY_CHROMIUM` names, else Playwright's own, else the
 * system's Chromium, Chrome or Edge; null where there is none.
 */
export function findChromium(): string | null {
  const named = process.env.PARLEY_CHROMIUM
  if (named && !existsSync(named)) throw new Error(`PARLEY_CHROMIUM names ${named}, which does not exist.`)
  if (named) return named
  return [chromium.executablePath(), ...systemPaths()].find((path) => existsSync(path)) ?? null
}

function systemPaths(): string[] {
  if (process.platform === 'darwin') {
    return ['Google Chrome', 'Chromium', 'Microsoft Edge'].map((name) =>
      join('/Applications', `${name}.app`, 'Contents/MacOS', name),
    )
  }
  if (process.platform === 'win32') {
    const folders = [process.env.PROGRAMFILES, process.env['PROGRAMFILES(X86)'], process.env.LOCALAPPDATA]
    return folders.flatMap((folder) =>
      folder
        ? ['Google/Chrome', 'Chromium', 'Microsoft/Edge'].map((product) =>
            join(folder, product, 'Application', product.endsWith('Edge') ? 'msedge.exe' : 'chrome.exe'),
          )
        : [],
    )
  }
  return ['/usr/bin', '/usr/local/bin', '/snap/bin'].flatMap((folder) =>
    LINUX.map((name) => join(folder, name)),
  )
}
