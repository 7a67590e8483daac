import type { Experiment } from '../experiment.ts'
import { acksDropped, acksDroppedWithoutDeduplication } from './01-acks-dropped.ts'
import { rollingRestart } from './05-rolling-restart.ts'
import { databaseStopped } from './06-database-stopped.ts'
import { databaseKilled } from './07-database-killed.ts'
import { redisLost } from './08-redis-lost.ts'

/** All of them, in the order in which they run. */
export const experiments: readonly Experiment[] = [
  acksDropped,
  acksDroppedWithoutDeduplication,
  rollingRestart,
  databaseStopped,
  databaseKilled,
  redisLost,
]
