// Starts Playwright in this package's folder.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createRequire } from 'node:module'
import { join } from 'node:path'

const program = join(createRequire(import.meta.url).resolve('@playwright/test/package.json'), '../cli.js')

/** Runs `playwright test` with these arguments and resolves to its exit code. */
export async function runPlaywright(args) {
  const child = spawn(process.execPath, [program, 'test', ...args], {
    cwd: join(import.meta.dirname, '..'),
    stdio: 'inherit',
  })
  // Ctrl-C reaches Playwright as well, which ends its browsers and servers first.
  process.on('SIGINT', () => {})
  process.on('SIGTERM', () => child.kill('SIGTERM'))
  const [code] = await once(child, 'exit')
  return code ?? 1
}
