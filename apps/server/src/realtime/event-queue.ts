import { limits } from '@parley/protocol'

/** The events of one socket, handled first in, first out [C2]. */
export class EventQueue {
  #last: Promise<void> = Promise.resolve()
  #length = 0

  /** Runs `work` after everything that was added before; false when too much waits already. */
  add(work: () => Promise<void>): boolean {
    if (this.#length >= limits.queuedEvents) return false
    this.#length++
    this.#last = this.#last.then(work).finally(() => this.#length--)
    return true
  }
}
