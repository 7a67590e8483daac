import type { Log } from '../chat/ports.ts'
import type { RedisClient } from './redis-client.ts'
import { STREAM } from './stream.ts'

/** How long text stays in the stream: at most the sum of both, in milliseconds. */
export interface Keeping {
  readonly keepMs: number
  readonly trimEveryMs: number
}

/** Text is gone from Redis within a minute; a node that reads later than this has its sockets catch up. */
export const KEEPING: Keeping = { keepMs: 30_000, trimEveryMs: 15_000 }

/** Removes old broadcasts, for they hold what people said. Returns a function that ends it. */
export function keepTrimmed(client: RedisClient, { keepMs, trimEveryMs }: Keeping, log: Log): () => void {
  let failed = false
  const trim = async () => {
    if (!client.isReady) return
    try {
      // Ids are of Redis's own clock.
      const [seconds] = await client.time()
      await client.xTrim(STREAM, 'MINID', Number(seconds) * 1_000 - keepMs)
      failed = false
    } catch (cause) {
      if (!failed) log.warn({ err: cause }, 'old broadcasts were not removed from Redis')
      failed = true
    }
  }
  const timer = setInterval(() => void trim(), trimEveryMs).unref()
  return () => clearInterval(timer)
}
