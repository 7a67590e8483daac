import { randomUUID } from 'node:crypto'
import { setTimeout } from 'node:timers/promises'
import type { RedisClient } from './redis-client.ts'
import { type EntryId, FIRST, isBefore, STREAM } from './stream.ts'

/** What a reader tells. */
export interface ReaderHooks {
  /** Entries of the last `forMs` milliseconds may have been missed; they will not come any more. */
  readonly onMissed: (forMs: number) => void
  /** Redis refuses to be read; told once until it does not. */
  readonly onFailure: (cause: unknown) => void
}

/** How often it is asked whether the stream is still the same one, in milliseconds. */
const LOOK_MS = 2_000
/** After a silence of this, entries may have been trimmed before they were read; in milliseconds. */
const LATE_MS = 10_000
/** Wait after a read that Redis refused, in milliseconds: it would refuse the next one as fast. */
const REFUSED_PAUSE_MS = 500

/** What a read of the stream brings, in the shape of the `redis` package. */
export type StreamAnswer = { readonly name: string; readonly messages: readonly StreamEntry[] }[] | null

interface StreamEntry {
  readonly id: EntryId
  readonly message: Readonly<Record<string, string>>
}

/**
 * Reads the stream of broadcasts and knows when it cannot have read them all: after its connection was lost,
 * after the stream was emptied, evicted or replaced by an older one, and after entries were trimmed unread.
 */
export class StreamReader {
  readonly #client: RedisClient
  readonly #hooks: ReaderHooks
  /** The newest entry that was read; null before the first look. */
  #cursor: EntryId | null = null
  /** Names of the stream's groups. They go with the stream, so they tell it from its successor. */
  #marks: readonly string[] = []
  #mayLack = true
  #isRefused = false
  #lookedAt = Number.NEGATIVE_INFINITY
  #wholeAt = performance.now()

  /** @param client a connection of its own: a read holds it up. */
  constructor(client: RedisClient, hooks: ReaderHooks) {
    this.#client = client
    this.#hooks = hooks
    client.on('ready', () => {
      this.#mayLack = true
    })
  }

  /** The entries after those read before, waiting up to `blockMs` for the first; null: none came. */
  async read(count: number, blockMs: number): Promise<StreamAnswer> {
    // Closed; the adapter would ask again at once.
    if (!this.#client.isOpen) return new Promise(() => {})
    try {
      const from = await this.#place()
      const stream = { key: STREAM, id: from }
      const answer: StreamAnswer = await this.#client.xRead(stream, { COUNT: count, BLOCK: blockMs })
      const ids = idsOf(answer)
      const isBehind = ids.length >= count || performance.now() - this.#wholeAt > LATE_MS
      if (isBehind && (await this.#isTrimmedAfter(from))) this.#mayLack = true
      if (!this.#mayLack) this.#wholeAt = performance.now()
      this.#cursor = ids.at(-1) ?? from
      this.#isRefused = false
      return answer
    } catch (cause) {
      this.#mayLack = true
      if (this.#client.isReady && !this.#isRefused) {
        this.#isRefused = true
        this.#hooks.onFailure(cause)
      }
      if (this.#client.isOpen) await setTimeout(REFUSED_PAUSE_MS, null, { ref: false })
      throw cause
    }
  }

  /** Where to read on. Looks at the stream first, if it is time to or something happened. */
  async #place(): Promise<EntryId> {
    const isDue = performance.now() - this.#lookedAt >= LOOK_MS
    if (this.#cursor !== null && !isDue && !this.#mayLack) return this.#cursor
    const mayLack = this.#mayLack
    // What happens from here on is for the next look.
    this.#mayLack = false
    const before = this.#marks
    this.#marks = await this.#lookForMarks()
    const { 'last-generated-id': last } = await this.#client.xInfoStream(STREAM)
    this.#lookedAt = performance.now()
    const wentBack = this.#cursor !== null && isBefore(last, this.#cursor)
    const cursor = this.#cursor === null ? last : wentBack ? FIRST : this.#cursor
    this.#cursor = cursor
    const isOther = !before.every((mark) => this.#marks.includes(mark))
    // Told after the place is known: what is published from here on will be read.
    if (mayLack || wentBack || isOther) this.#hooks.onMissed(performance.now() - this.#wholeAt)
    return cursor
  }

  async #lookForMarks(): Promise<readonly string[]> {
    const marks = await this.#marksNow()
    if (marks.length > 0) return marks
    await this.#client.xGroupCreate(STREAM, randomUUID(), '$', { MKSTREAM: true })
    return this.#marksNow()
  }

  async #marksNow(): Promise<string[]> {
    if ((await this.#client.exists(STREAM)) === 0) return []
    return (await this.#client.xInfoGroups(STREAM)).map(({ name }) => name)
  }

  /** Whether entries after `id` may have been trimmed: everything up to it has been. */
  async #isTrimmedAfter(id: EntryId): Promise<boolean> {
    const oldest = await this.#client.xRange(STREAM, '-', '+', { COUNT: 1 })
    return oldest?.[0] !== undefined && isBefore(id, oldest[0].id)
  }
}

function idsOf(answer: StreamAnswer): EntryId[] {
  return answer?.flatMap(({ messages }) => messages.map(({ id }) => id)) ?? []
}
