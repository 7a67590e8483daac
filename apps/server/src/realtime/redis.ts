import { setTimeout } from 'node:timers/promises'
import { createAdapter } from '@socket.io/redis-streams-adapter'
import { createClient } from 'redis'
import type { ServerOptions } from 'socket.io'
import type { Log } from '../chat/ports.ts'

/** Carries broadcasts between processes. Nothing that must last rests on it. */
export interface Broker {
  /** For the start line; without a password. */
  readonly description: string
  readonly adapter: ServerOptions['adapter']
  /** For counting together. */
  readonly client: ReturnType<typeof createClient>
  /** Whether Redis answers. */
  ready(): Promise<boolean>
  close(): Promise<void>
}

/** Longest wait between tries to reach Redis, in milliseconds. */
const RECONNECT_MAX_MS = 2_000
/** How long the start waits for Redis, in milliseconds. */
const FIRST_TRY_MS = 3_000
/** Answers of a Redis that will say the same next time. */
const REFUSAL = /^(WRONGPASS|NOAUTH|NOPERM|ERR .*AUTH)/

/**
 * Connects to Redis. While it is away, from the start or later, this process goes on serving its own
 * sockets, and clients that missed something from another process catch up by revision.
 *
 * @throws {Error} when Redis refuses the password: only the operator can mend that.
 */
export async function connectRedis(url: string, log: Log): Promise<Broker> {
  const { host } = new URL(url)
  let starting = true
  const client = createClient({
    url,
    socket: {
      reconnectStrategy: (retries, cause) =>
        starting && REFUSAL.test(cause.message) ? false : Math.min(50 * 2 ** retries, RECONNECT_MAX_MS),
    },
  })
  reportAbsence(client, log)
  const reached = await Promise.race([
    client.connect().then(() => client.ping()),
    setTimeout(FIRST_TRY_MS, null, { ref: false }),
  ]).catch((cause: unknown) => {
    if (client.isOpen) client.destroy()
    throw new Error(`Redis at ${host} refused: ${cause instanceof Error ? cause.message : cause}`, { cause })
  })
  starting = false
  const create = createAdapter(client)
  return {
    description: `Redis at ${host}${reached === null ? ', which cannot be reached yet' : ''}`,
    client,
    // Socket.IO calls it with `new`, which an arrow function does not allow.
    adapter: function localFirst(namespace: unknown) {
      const adapter = create(namespace)
      const publish = adapter.doPublish.bind(adapter)
      // The adapter waits for Redis before it delivers to its own sockets; these must not wait.
      adapter.doPublish = (message) => {
        if (client.isReady) {
          publish(message).catch((cause: unknown) =>
            log.warn({ err: cause }, 'a broadcast was not published'),
          )
        }
        return Promise.resolve('')
      }
      return adapter
    },
    ready: async () => client.isReady && (await client.ping()) === 'PONG',
    close: async () => client.destroy(),
  }
}

/** Says once that Redis is away and once that it is back, however often it is tried in between. */
function reportAbsence(client: ReturnType<typeof createClient>, log: Log): void {
  let away = false
  client.on('error', (error: Error) => {
    if (!away) log.warn({ reason: error.message || error.name }, 'Redis cannot be reached')
    away = true
  })
  client.on('ready', () => {
    if (away) log.warn({}, 'Redis is back')
    away = false
  })
}
