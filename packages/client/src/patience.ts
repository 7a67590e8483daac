import type { ChatError } from './errors.ts'
import { backoffMs, type Timing } from './timing.ts'

/** How often a request is tried again that broke something, here or on the server. */
const FAULT_RETRIES = 2

/** Decides when a request that the server refused is worth another try on the same line. */
export class Patience {
  readonly #timing: Timing
  #since: number | null = null
  #refusals = 0
  #faults = 0

  constructor(timing: Timing) {
    this.#timing = timing
  }

  /** Milliseconds to wait before the next try after `error`; null: the request has failed. */
  waitAfter(error: ChatError): number | null {
    if (!error.retryable) return null
    // Unlike a state that passes, a fault most often comes again.
    const isFault = error.code === 'INTERNAL' || error.code === 'BAD_REPLY'
    if (isFault && ++this.#faults > FAULT_RETRIES) return null
    const now = performance.now()
    this.#since ??= now
    this.#refusals++
    const { retryAfterMs } = error
    const waitMs =
      retryAfterMs === undefined
        ? backoffMs(this.#refusals, this.#timing)
        : retryAfterMs + backoffMs(1, this.#timing)
    return now + waitMs - this.#since > this.#timing.patienceMs ? null : waitMs
  }

  /** The line was lost: the time without one does not count, and the next server is another one. */
  startAnew(): void {
    this.#since = null
    this.#refusals = 0
  }
}
