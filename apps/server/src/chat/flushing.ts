import { limits, type Message } from '@parley/protocol'
import type { ClaimPause } from './claim-pause.ts'
import type { Clock, Log, Store } from './ports.ts'
import type { Writing } from './writing.ts'

/** A reply that this process writes. */
export interface Entry {
  readonly writing: Writing
  /** Code units that the database has. */
  saved: number
  renewedAt: number
  /** The model is done; only the end is still to be saved. The lease is held until it is. */
  ending: boolean
  done: Promise<Message | null>
}

/** What saving live replies needs. */
export interface FlushingDeps {
  readonly store: Store
  readonly clock: Clock
  readonly log: Log
}

/** A silent reply looks at least this often whether it is still wanted: deleting an account ends it within 1 s. */
const RENEW_MS = 600

/** Saves what live replies gain, all of them in one statement every `flushMs` [R3], and renews their leases. */
export class Flushing {
  readonly #deps: FlushingDeps
  readonly #pause: ClaimPause
  readonly #entries: () => readonly Entry[]
  #cancel: (() => void) | null = null
  #running: Promise<void> = Promise.resolve()

  /** @param entries the replies that are being written now. */
  constructor(deps: FlushingDeps, pause: ClaimPause, entries: () => readonly Entry[]) {
    this.#deps = deps
    this.#pause = pause
    this.#entries = entries
  }

  /** Goes on for as long as there are replies. */
  schedule(): void {
    this.#cancel ??= this.#deps.clock.after(limits.flushMs, () => {
      const now = this.#deps.clock.now()
      const due = this.#entries().filter(
        ({ writing, saved, renewedAt }) => writing.shown.length > saved || now - renewedAt >= RENEW_MS,
      )
      this.#running = this.flush(due).finally(() => {
        this.#cancel = null
        if (this.#entries().length > 0) this.schedule()
      })
    })
  }

  /** Begins no further flush by itself; resolves when the last one is over. */
  end(): Promise<void> {
    this.#cancel?.()
    return this.#running
  }

  /** Saves what these replies gained and hears which of them are to end. */
  async flush(entries: readonly Entry[]): Promise<void> {
    if (entries.length === 0) return
    const now = this.#deps.clock.now()
    const rows = entries.map(({ writing, saved }) => ({
      replyId: writing.job.replyId,
      epoch: writing.job.epoch,
      offset: saved,
      // What is not shown yet may never be: a branch that is begun now ends the reply with what is [M6].
      text: writing.shown.slice(saved),
    }))
    try {
      const states = await this.#deps.store.flush(rows)
      this.#pause.reached()
      for (const [index, entry] of entries.entries()) {
        entry.saved += rows[index]?.text.length ?? 0
        entry.renewedAt = now
        const state = states.get(entry.writing.job.replyId)
        if (state === 'stop') entry.writing.interrupt('stop')
        if (state === 'lost' && !entry.ending) entry.writing.interrupt('lost')
      }
    } catch (cause) {
      this.#pause.lost()
      this.#deps.log.warn({ replies: rows.length, err: cause }, 'live replies could not be saved yet')
    }
  }
}
