import { parseArgs } from 'node:util'
import { describe, isClean, perform } from './experiment.ts'
import { experiments } from './experiments/index.ts'

/**
 * `pnpm test:faults`: every fault of the list, one line each. `--short` does less of each; `--only 3,4`
 * does these alone. Ends with 1 if anything was lost, doubled or out of order.
 */
const { values } = parseArgs({
  options: { short: { type: 'boolean', default: false }, only: { type: 'string' } },
})
const chosen = values.only?.split(',').map(Number)
const size = values.short ? 'short' : 'full'
let failed = 0
for (const experiment of experiments) {
  if (chosen && !chosen.includes(experiment.number)) continue
  const start = performance.now()
  const secondsSince = () => (performance.now() - start) / 1000
  try {
    const finding = await perform(experiment, size)
    if (isClean(finding) === (experiment.control ?? false)) failed++
    console.log(describe(experiment, finding, secondsSince()))
  } catch (cause) {
    failed++
    console.log(`FAILED ${experiment.number} ${experiment.title}: ${cause} (${secondsSince().toFixed(0)} s)`)
  }
}
console.log(failed === 0 ? 'Every experiment ended as it has to.' : `${failed} failed.`)
process.exit(failed === 0 ? 0 : 1)
