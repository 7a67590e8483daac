import { createAdapter } from '@socket.io/redis-streams-adapter'
import { createClient } from 'redis'
import type { ServerOptions } from 'socket.io'
import type { Log } from '../chat/ports.ts'

/** Carries broadcasts between processes. Nothing that must last rests on it. */
export interface Broker {
  readonly adapter: ServerOptions['adapter']
  /** Whether Redis answers. */
  ready(): Promise<boolean>
  close(): Promise<void>
}

/** Longest wait between tries to reach Redis, in milliseconds. */
const RECONNECT_MAX_MS = 2_000

/**
 * Connects to Redis. While it is away this process goes on serving its own sockets, and clients that
 * missed something from another process catch up by revision.
 */
export async function connectRedis(url: string, log: Log): Promise<Broker> {
  const client = createClient({
    url,
    socket: { reconnectStrategy: (retries) => Math.min(50 * 2 ** retries, RECONNECT_MAX_MS) },
  })
  client.on('error', (error: Error) =>
    log.warn({ reason: error.message || error.name }, 'Redis cannot be reached'),
  )
  await client.connect()
  const create = createAdapter(client)
  return {
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
