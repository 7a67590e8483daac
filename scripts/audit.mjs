// Asks the registry whether a dependency of the product has a known vulnerability, high or critical. A registry
// that does not answer, or does not know, is one line and no failure. Arguments go to `pnpm audit`.
import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'

/** A registry that is silent for so long has not answered, in milliseconds. */
const ANSWER_MS = 60_000

const root = join(import.meta.dirname, '..')
const { packageManager } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
const report = reportOf(await askRegistry())
if (report === null) {
  say('The registry could not say whether a dependency has a known vulnerability.')
} else {
  const found = Object.values(report.advisories)
  for (const { module_name: name, severity, title, url, findings } of found) {
    const versions = findings.map(({ version }) => version).join(', ')
    say(`${name} ${versions}: ${severity}: ${title} ${url}`)
  }
  say(
    found.length === 0
      ? 'No dependency has a known vulnerability.'
      : `${found.length} known vulnerabilities.`,
  )
  process.exitCode = found.length > 0 ? 1 : 0
}

async function askRegistry() {
  const audit = ['audit', '--prod', '--audit-level', 'high', '--json', ...process.argv.slice(2)]
  // A shell finds npx on every system; there is nothing in the arguments that it could read otherwise.
  const env = { ...process.env, npm_config_fetch_retries: '0', pnpm_config_fetch_retries: '0' }
  const options = { cwd: root, env, shell: process.platform === 'win32', stdio: ['ignore', 'pipe', 'ignore'] }
  const child = spawn('npx', ['-y', packageManager, ...audit], { ...options, timeout: ANSWER_MS })
  child.on('error', () => {})
  return text(child.stdout)
}

/** The report in what was printed; null when there is none. */
function reportOf(printed) {
  try {
    const report = JSON.parse(printed)
    return typeof report?.advisories === 'object' && report.advisories !== null ? report : null
  } catch {
    return null
  }
}

function say(line) {
  process.stderr.write(`${line}\n`)
}
