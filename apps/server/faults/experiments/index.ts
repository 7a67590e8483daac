import type { Experiment } from '../experiment.ts'
import { acksDropped, acksDroppedWithoutDeduplication } from './01-acks-dropped.ts'
import { lineReset } from './02-line-reset.ts'
import { writerKilled } from './03-writer-killed.ts'
import { ownerAsleep, ownerAsleepWithoutFencing } from './04-owner-asleep.ts'
import { rollingRestart } from './05-rolling-restart.ts'
import { databaseStopped } from './06-database-stopped.ts'
import { databaseKilled } from './07-database-killed.ts'
import { redisLost } from './08-redis-lost.ts'

import { embeddedKilled } from './09-embedded-killed.ts'
import { slowReader } from './10-slow-reader.ts'
import { oneDirectory } from './11-one-directory.ts'

/** All of them, in the order in which they run. */
export const experiments: readonly Experiment[] = [
  acksDropped,
  acksDroppedWithoutDeduplication,
  lineReset,
  writerKilled,
  ownerAsleep,
  ownerAsleepWithoutFencing,
  rollingRestart,
  databaseStopped,
  databaseKilled,
  redisLost,
  embeddedKilled,
  slowReader,
  oneDirectory,
]
