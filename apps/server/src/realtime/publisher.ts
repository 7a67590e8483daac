import type { Log } from '../chat/ports.ts'
import type { RedisClient } from './redis-client.ts'
import { STREAM, STREAM_LENGTH } from './stream.ts'

/** Field of an entry by which a node says that its broadcasts of the last so many milliseconds are lacking. */
export const LACKING = 'lacking'
/** Field of an entry that names the node that wrote it. */
export const AUTHOR = 'author'

/** Wait before the other nodes are told once more, in milliseconds. */
const TELL_AGAIN_MS = 1_000

/**
 * Publishes what it can at once and keeps nothing of the rest: it remembers only that there was some, and
 * tells the other nodes as soon as Redis takes it, so that these have their sockets catch up.
 */
export class Publisher {
  readonly #client: RedisClient
  readonly #nodeId: string
  readonly #log: Log
  #lackingSince: number | null = null
  #timer: NodeJS.Timeout | null = null
  #closed = false

  constructor(client: RedisClient, nodeId: string, log: Log) {
    this.#client = client
    this.#nodeId = nodeId
    this.#log = log
    client.on('ready', () => void this.#tell())
  }

  /** Whether everything so far was published, or its absence told. */
  get isWhole(): boolean {
    return this.#lackingSince === null
  }

  /** Runs `publish` if Redis is there. */
  add(publish: () => Promise<unknown>): void {
    if (!this.#client.isReady) this.#lack()
    else publish().catch((cause: unknown) => this.#lack(cause))
  }

  close(): void {
    this.#closed = true
    if (this.#timer) clearTimeout(this.#timer)
  }

  #lack(cause?: unknown): void {
    if (this.#lackingSince === null && cause !== undefined) {
      this.#log.warn({ err: cause }, 'broadcasts are not published')
    }
    this.#lackingSince ??= performance.now()
    this.#tellLater()
  }

  #tellLater(): void {
    if (this.#timer || this.#closed) return
    this.#timer = setTimeout(() => {
      this.#timer = null
      void this.#tell()
    }, TELL_AGAIN_MS)
    this.#timer.unref()
  }

  async #tell(): Promise<void> {
    const since = this.#lackingSince
    // `ready` will come.
    if (since === null || !this.#client.isReady) return
    // What fails from here on is not in what is told now.
    this.#lackingSince = null
    const forMs = Math.ceil(performance.now() - since)
    const entry = { [LACKING]: `${forMs}`, [AUTHOR]: this.#nodeId }
    const TRIM = { strategy: 'MAXLEN', strategyModifier: '~', threshold: STREAM_LENGTH } as const
    try {
      await this.#client.xAdd(STREAM, '*', entry, { TRIM })
    } catch {
      this.#lackingSince = since
      this.#tellLater()
    }
  }
}
