// Runs Playwright with the arguments that `pnpm test` gives to every package, which are Vitest's.
import { runPlaywright } from './playwright.mjs'

process.exitCode = await runPlaywright(process.argv.slice(2).flatMap(translate))

function translate(arg) {
  if (arg === '--passWithNoTests') return ['--pass-with-no-tests']
  if (arg === '-t' || arg === '--testNamePattern') return ['--grep']
  // Playwright's reporters are in its configuration.
  if (arg.startsWith('--reporter=') && arg.endsWith('.mjs')) return []
  return [arg]
}
