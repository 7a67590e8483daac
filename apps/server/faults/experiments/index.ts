import type { Experiment } from '../experiment.ts'
import { acksDropped, acksDroppedWithoutDeduplication } from './01-acks-dropped.ts'

/** All of them, in the order in which they run. */
export const experiments: readonly Experiment[] = [acksDropped, acksDroppedWithoutDeduplication]
