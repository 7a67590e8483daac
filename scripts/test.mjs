// `pnpm test`: runs every package's tests and ends with one line that sums them up.
//
// `--filter <package>` chooses packages; every other argument goes to Vitest, for example
// `node scripts/test.mjs --filter @parley/server -t "case e4"`: pnpm would take `--filter` for itself.
import { once } from 'node:events'
import { existsSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { REPORT_PATH } from './test/report.mjs'
import { startTurbo } from './turbo.mjs'

const { filters, vitestArgs } = sortArgs(process.argv.slice(2))
const packages = await packagesWithTests()
for (const entry of packages) rmSync(entry.report, { force: true })
const exitCode = await runTests()
const total = sumUp()
if (exitCode !== 0 && total.failed === 0) {
  total.failed += 1
  say('A package failed without a failed test; see above.')
}
for (const { name, reason } of total.skipped) say(`skipped: ${name} (${reason})`)
if (total.passed + total.failed === 0) say('No test ran.')
say(`${total.passed} passed, ${total.failed} failed, ${total.skipped.length} skipped`)
process.exitCode = total.failed > 0 || total.passed === 0 ? 1 : 0

function sortArgs(args) {
  const sorted = { filters: [], vitestArgs: [] }
  const rest = args.filter((arg) => arg !== '--')
  while (rest.length > 0) {
    const arg = rest.shift()
    if (arg === '--filter' || arg === '-F') sorted.filters.push(`--filter=${rest.shift()}`)
    else if (arg.startsWith('--filter=')) sorted.filters.push(arg)
    else sorted.vitestArgs.push(arg)
  }
  return sorted
}

async function packagesWithTests() {
  const turbo = startTurbo(['run', 'test', '--dry=json', ...filters], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const plan = await text(turbo.stdout)
  return JSON.parse(plan.slice(plan.indexOf('{')))
    .tasks.filter(({ task, command }) => task === 'test' && command !== '<NONEXISTENT>')
    .map((task) => ({ name: task.package, report: join(task.directory, REPORT_PATH) }))
}

async function runTests() {
  // One package after another: each of them uses every core by itself.
  const args = ['run', 'test', '--continue', '--concurrency=1', ...filters]
  if (vitestArgs.length > 0) args.push('--', '--passWithNoTests', ...reporters(), ...vitestArgs)
  const turbo = startTurbo(args, { stdio: 'inherit' })
  // Ctrl-C reaches turbo as well, which ends the tests; what did run is still summed up.
  process.on('SIGINT', () => {})
  process.on('SIGTERM', () => turbo.kill('SIGTERM'))
  const [code] = await once(turbo, 'exit')
  return code ?? 1
}

/** A reporter named on the command line replaces those of the packages, ours included. */
function reporters() {
  const replaced = vitestArgs.some((arg) => arg.startsWith('--reporter'))
  return replaced ? [`--reporter=${join(import.meta.dirname, 'test/report.mjs')}`] : []
}

function sumUp() {
  const sum = { passed: 0, failed: 0, skipped: [] }
  for (const { name, report } of packages) {
    if (!existsSync(report)) {
      sum.failed += 1
      say(`${name} ended without a report of its tests.`)
      continue
    }
    const { passed, failed, skipped } = JSON.parse(readFileSync(report, 'utf8'))
    if (passed + failed + skipped.length === 0 && vitestArgs.length === 0) {
      sum.failed += 1
      say(`${name} ran no test.`)
    }
    sum.passed += passed
    sum.failed += failed
    sum.skipped.push(...skipped)
  }
  return sum
}

function say(line) {
  process.stdout.write(`${line}\n`)
}
