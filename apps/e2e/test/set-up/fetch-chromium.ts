import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { findChromium, HOW_TO_INSTALL } from './chromium.ts'

/** A download that takes longer is given up, in milliseconds. */
const PATIENCE_MS = 240_000

/** Sees to it that there is a browser, if that can be done; else says in one sentence what to do. */
export async function provideChromium(): Promise<void> {
  if (findChromium() !== null) return
  const tries = mayInstallPackages() ? [installPackage, download] : [download]
  for (const attempt of tries) {
    await attempt()
    if (findChromium() !== null) return
  }
  process.stderr.write(`No browser was found and none could be fetched: ${HOW_TO_INSTALL}.\n`)
}

/** Only a machine that is there for tests may be changed, and only root can. */
function mayInstallPackages(): boolean {
  const { CI } = process.env
  const isTestMachine = CI !== undefined && CI !== '' && CI !== '0' && CI !== 'false'
  return isTestMachine && process.getuid?.() === 0 && existsSync('/usr/bin/apt-get')
}

async function installPackage(): Promise<void> {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  if (await run('apt-get', ['update', '-q'], env)) {
    await run('apt-get', ['install', '-qy', '--no-install-recommends', 'chromium'], env)
  }
}

async function download(): Promise<void> {
  process.stderr.write('No browser was found: Playwright fetches one, once.\n')
  const playwright = createRequire(import.meta.url).resolve('@playwright/test/package.json')
  const program = join(playwright, '../cli.js')
  // Why it failed fills a screen; what to do then is said in one sentence.
  await run(process.execPath, [program, 'install', '--no-shell', 'chromium'], process.env, 'ignore')
}

/** Resolves to whether the program succeeded in time. What it says goes to stderr. */
function run(
  program: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  errors: 'ignore' | 2 = 2,
): Promise<boolean> {
  return new Promise((resolve) => {
    const child = spawn(program, args, { env, stdio: ['ignore', 2, errors], timeout: PATIENCE_MS })
    child.once('error', () => resolve(false))
    child.once('close', (code) => resolve(code === 0))
  })
}
