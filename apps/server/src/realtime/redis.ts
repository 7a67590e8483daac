import { randomUUID } from 'node:crypto'
import { setTimeout } from 'node:timers/promises'
import { createAdapter } from '@socket.io/redis-streams-adapter'
import type { ServerOptions } from 'socket.io'
import type { Log } from '../chat/ports.ts'
import { AdapterLines, OF_REDIS_PACKAGE } from './adapter-lines.ts'
import { Publisher } from './publisher.ts'
import { createRedisClient, type RedisClient, reportAbsence } from './redis-client.ts'
import { STREAM, STREAM_LENGTH } from './stream.ts'
import { KEEPING, type Keeping, keepTrimmed } from './trimming.ts'

/** Carries broadcasts between processes. Nothing that must last rests on it. */
export interface Broker {
  /** For the start line; without a password. */
  readonly description: string
  readonly client: RedisClient
  readonly adapter: ServerOptions['adapter']
  /** Whether Redis answers and takes broadcasts. */
  ready(): Promise<boolean>
  /** Calls back when broadcasts of the last `forMs` milliseconds may not have come, and will not. */
  onMissed(listener: (forMs: number) => void): void
  close(): Promise<void>
}

/** How long the start waits for Redis, in milliseconds. */
const FIRST_TRY_MS = 3_000
/** How long one read waits for entries, in milliseconds; a look at the stream itself waits for it. */
const BLOCK_MS = 2_000
/** Answers of a Redis that will say the same next time. */
const REFUSAL = /^(WRONGPASS|NOAUTH|NOPERM|ERR .*AUTH)/

/**
 * Connects to Redis. While it is away, from the start or later, this process goes on serving its own
 * sockets; once it is back, everybody who may have missed something from another process catches up.
 *
 * @throws {Error} when Redis refuses the password: only the operator can mend that.
 */
export async function connectRedis(url: string, log: Log, keeping: Keeping = KEEPING): Promise<Broker> {
  const { host } = new URL(url)
  let starting = true
  const client = createRedisClient(url, (cause) => starting && REFUSAL.test(cause.message))
  reportAbsence(client, log)
  const reached = await Promise.race([
    client.connect().then(() => client.ping()),
    setTimeout(FIRST_TRY_MS, null, { ref: false }),
  ]).catch((cause: unknown) => {
    if (client.isOpen) client.destroy()
    throw new Error(`Redis at ${host} refused: ${cause instanceof Error ? cause.message : cause}`, { cause })
  })
  starting = false
  const nodeId = randomUUID()
  const publisher = new Publisher(client, nodeId, log)
  const missed = new Set<(forMs: number) => void>()
  const onMissed = (forMs: number) => {
    for (const listener of missed) listener(forMs)
  }
  const lines = new AdapterLines(client, { nodeId, onMissed, log })
  const stopTrimming = keepTrimmed(client, keeping, log)
  return {
    description: `Redis at ${host}${reached === null ? ', which cannot be reached yet' : ''}`,
    client,
    adapter: localFirst(client, lines, publisher, log),
    ready: async () => client.isReady && publisher.isWhole && (await client.ping()) === 'PONG',
    onMissed: (listener) => void missed.add(listener),
    close: async () => {
      stopTrimming()
      publisher.close()
      lines.close()
      if (client.isOpen) client.destroy()
    },
  }
}

/**
 * The Streams adapter, which alone would wait for Redis before it delivers to its own sockets, ask again
 * without a pause what Redis refuses, and leave failures to nobody.
 */
function localFirst(
  client: RedisClient,
  lines: AdapterLines,
  publisher: Publisher,
  log: Log,
): ServerOptions['adapter'] {
  const add: RedisClient['xAdd'] = (...args) => client.xAdd(...args)
  const create = createAdapter(
    {
      ...OF_REDIS_PACKAGE,
      duplicate: () => lines.open(),
      xAdd: add,
      // How many processes there are.
      sendCommand: (command: string[]) => client.sendCommand(command),
      publish: (channel: string, payload: Buffer) =>
        client.publish(channel, payload).catch((cause: unknown) => {
          log.debug({ err: cause }, 'a signal was not published')
        }),
    },
    {
      streamName: STREAM,
      channelPrefix: 'parley',
      maxLen: STREAM_LENGTH,
      blockTimeInMs: BLOCK_MS,
    },
  )
  // Socket.IO calls it with `new`, which an arrow function does not allow.
  return function adapter(namespace: unknown) {
    const made = create(namespace)
    const publish = made.doPublish.bind(made)
    made.doPublish = (message) => {
      publisher.add(() => publish(message))
      return Promise.resolve('')
    }
    return made
  }
}
