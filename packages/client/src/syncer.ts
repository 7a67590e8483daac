import { type ChatError, toChatError } from './errors.ts'
import type { Line } from './line.ts'
import type { SessionInput } from './reducer.ts'
import type { SessionState } from './state.ts'
import type { Timing } from './timing.ts'

/** What a syncer needs of its session. */
export interface SyncHost {
  readonly id: string
  readonly persona: { readonly id: string }
  readonly state: { get(): SessionState }
  dispatch(input: SessionInput): void
  /** Told of a failure after which the session cannot be used. */
  fail(error: ChatError): void
}

/** The longest wait between syncs that fail or bring nothing. */
const LONGEST_WAIT_MS = 5_000

/**
 * Fetches what a session misses, once the gap has stayed for `gapHoldMs`: at most once per `flushMs`,
 * never two at a time, and ever more slowly while it does not help.
 */
export class Syncer {
  readonly #host: SyncHost
  readonly #timing: Timing
  #line: Line | null = null
  #timer: ReturnType<typeof setTimeout> | undefined
  #running = false
  #demanded = false
  #lastAt = Number.NEGATIVE_INFINITY
  #misses = 0

  constructor(host: SyncHost, timing: Timing) {
    this.#host = host
    this.#timing = timing
  }

  /** Syncs over `line` from now on; null: waits. */
  use(line: Line | null): void {
    this.#line = line
    this.check()
  }

  /** Asks for a sync although no gap is known, because something could not be read. */
  demand(): void {
    this.#demanded = true
    this.check()
  }

  /** To be called after every change of the state. */
  check(): void {
    const isNeeded = this.#line !== null && (this.#demanded || this.#host.state.get().need !== null)
    if (!isNeeded) {
      clearTimeout(this.#timer)
      this.#timer = undefined
      return
    }
    if (this.#running || this.#timer !== undefined) return
    const { gapHoldMs, flushMs } = this.#timing
    const apartMs = Math.min(flushMs * 2 ** this.#misses, Math.max(flushMs, LONGEST_WAIT_MS))
    const waitMs = Math.max(gapHoldMs, this.#lastAt + apartMs - performance.now())
    this.#timer = setTimeout(() => void this.#sync(), waitMs)
  }

  async #sync(): Promise<void> {
    this.#timer = undefined
    const line = this.#line
    if (!line) return
    this.#running = true
    const wasDemanded = this.#demanded
    this.#demanded = false
    this.#lastAt = performance.now()
    let hasFailed = false
    try {
      this.#host.dispatch(await this.#fetch(line))
    } catch (cause) {
      hasFailed = true
      const error = toChatError(cause)
      // What made it necessary may be in no gap that the state knows of.
      if (wasDemanded) this.#demanded = true
      if (!error.retryable && line.isOpen) this.#host.fail(error)
    }
    this.#running = false
    const brought = !hasFailed && this.#host.state.get().need === null
    this.#misses = brought ? 0 : this.#misses + 1
    this.check()
  }

  async #fetch(line: Line): Promise<SessionInput> {
    const { need, revision } = this.#host.state.get()
    const sessionId = this.#host.id
    if (need !== 'page') {
      const answer = await line.request('chat:sync', { sessionId, afterRevision: revision })
      return { type: 'synced', afterRevision: revision, answer }
    }
    const snapshot = await line.request('chat:join', { personaId: this.#host.persona.id, sessionId })
    return { type: 'synced', afterRevision: 0, answer: { ...snapshot, reset: true } }
  }
}
