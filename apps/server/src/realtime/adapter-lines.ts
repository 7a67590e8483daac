import { setTimeout } from 'node:timers/promises'
import type { Log } from '../chat/ports.ts'
import { AUTHOR, LACKING } from './publisher.ts'
import type { RedisClient } from './redis-client.ts'
import { StreamReader } from './stream-reader.ts'

/** What the connections of an adapter need. */
export interface LineHooks {
  readonly nodeId: string
  /** Broadcasts of the last `forMs` milliseconds may have been missed. */
  readonly onMissed: (forMs: number) => void
  readonly log: Log
}

/** By this the adapter knows which package it deals with. */
export const OF_REDIS_PACKAGE = { sSubscribe: () => undefined }

type SignalListener = (payload: Buffer) => void

/** Wait before signals are asked for once more, in milliseconds. */
const SUBSCRIBE_AGAIN_MS = 1_000

/** Connections of the adapter's own: on one it waits for entries of the stream, on the other for signals. */
export class AdapterLines {
  readonly #client: RedisClient
  readonly #hooks: LineHooks
  readonly #open = new Set<RedisClient>()

  constructor(client: RedisClient, hooks: LineHooks) {
    this.#client = client
    this.#hooks = hooks
  }

  /** What the adapter uses of a client. Only reads reject: it listens to nothing else. */
  open() {
    const line = this.#client.duplicate()
    this.#open.add(line)
    const reader = this.#readerOf(line)
    return {
      ...OF_REDIS_PACKAGE,
      on: (event: 'error', listener: (error: Error) => void) => line.on(event, listener),
      connect: () => new Promise<void>((resolve) => line.connect().then(() => resolve(), this.#report)),
      xRead: async (_streams: unknown, { COUNT, BLOCK }: { COUNT: number; BLOCK: number }) => {
        const answer = await reader.read(COUNT, BLOCK)
        for (const { message } of answer?.flatMap(({ messages }) => messages) ?? []) this.#take(message)
        return answer
      },
      subscribe: (channels: string[], listener: SignalListener) => this.#subscribe(line, channels, listener),
      disconnect: () => this.#close(line),
    }
  }

  close(): void {
    for (const line of this.#open) this.#close(line)
  }

  #readerOf(line: RedisClient): StreamReader {
    const { onMissed, log } = this.#hooks
    return new StreamReader(line, {
      onMissed,
      onFailure: (cause) => log.warn({ err: cause }, 'broadcasts of other processes cannot be read'),
    })
  }

  /** Another node's word that some of its broadcasts never came. */
  #take(message: Readonly<Record<string, string>>): void {
    const lacking = message[LACKING]
    if (lacking !== undefined && message[AUTHOR] !== this.#hooks.nodeId) {
      this.#hooks.onMissed(Number(lacking) || 0)
    }
  }

  async #subscribe(line: RedisClient, channels: string[], listener: SignalListener): Promise<void> {
    while (line.isOpen) {
      try {
        // Once it is done, the client itself does it anew on every connection.
        return await line.subscribe(channels, listener, true)
      } catch (cause) {
        this.#report(cause)
        await setTimeout(SUBSCRIBE_AGAIN_MS, null, { ref: false })
      }
    }
  }

  readonly #report = (cause: unknown): void => {
    this.#hooks.log.debug({ err: cause }, 'a connection to Redis was lost')
  }

  #close(line: RedisClient): void {
    this.#open.delete(line)
    if (line.isOpen) line.destroy()
  }
}
