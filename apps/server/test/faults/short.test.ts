import { describe, expect, it } from 'vitest'
import { isClean, describe as lineOf, perform } from '../../faults/experiment.ts'
import { experiments } from '../../faults/experiments/index.ts'
import { ProgramMissing } from '../services/programs.ts'

/** Seconds where nothing else runs; many times as much where the machine has other work. */
const LIMIT_MS = 300_000

/** The fault suite, less of each experiment; all of it is `pnpm test:faults`. */
describe('a fault in the middle of conversations', () => {
  for (const experiment of experiments) {
    const { number, rules, title, control } = experiment
    const isSeen = control ? 'the checker sees what is wrong' : 'nothing is lost, doubled or out of order'
    it(`${rules} experiment ${number}, ${title}: ${isSeen}`, { timeout: LIMIT_MS }, async ({ skip }) => {
      const start = performance.now()
      const finding = await perform(experiment, 'short').catch((cause: unknown) => {
        if (cause instanceof ProgramMissing) return skip(cause.message)
        throw cause
      })
      const line = lineOf(experiment, finding, (performance.now() - start) / 1000)
      console.log(line)
      expect(isClean(finding), line).toBe(control !== true)
    })
  }
})
