import { createClient } from 'redis'
import type { Log } from '../chat/ports.ts'

/** A connection to Redis that comes back by itself. */
export type RedisClient = ReturnType<typeof createRedisClient>

/** Longest wait between tries to reach Redis, in milliseconds. */
const RECONNECT_MAX_MS = 2_000
/** A line on which nothing was heard for so long is dead, though nobody closed it; in milliseconds. */
const SILENT_MS = 6_000
/** How often Redis is asked for a sign of life, in milliseconds. */
const PING_MS = 2_500

/**
 * Makes a client that is not connected yet. Its offline queue stays on: without it, whoever reads in a loop
 * would spin while Redis is away.
 *
 * @param givesUp whether a failure to connect is final.
 */
export function createRedisClient(url: string, givesUp: (cause: Error) => boolean) {
  return createClient({
    url,
    pingInterval: PING_MS,
    socket: {
      socketTimeout: SILENT_MS,
      reconnectStrategy: (retries, cause) =>
        givesUp(cause) ? false : Math.min(50 * 2 ** Math.min(retries, 10), RECONNECT_MAX_MS),
    },
  })
}

/** Says once that Redis is away and once that it is back, however often it is tried in between. */
export function reportAbsence(client: RedisClient, log: Log): void {
  let away = false
  // Without a listener an `error` ends the process [case a8].
  client.on('error', (error: Error) => {
    if (!away) log.warn({ reason: error.message || error.name }, 'Redis cannot be reached')
    away = true
  })
  client.on('ready', () => {
    if (away) log.warn({}, 'Redis is back')
    away = false
  })
}
