import { limits } from '@parley/protocol'

/** The events of one socket, handled first in, first out [C2]. */
export class EventQueue {
  #last: Promise<void> = Promise.resolve()
  #length = 0

  /** Runs `work` after everything that was added before; false when too much waits already. */
  add(work: () => Promise<void>): boolean {
    if (this.#length >= limits.queuedEvents) return false
    this.#length++
    this.#last = this.#last
      .then(work)
      // Work answers its own failures; if that fails too, the events behind it must go on.
      .catch(() => undefined)
      .finally(() => this.#length--)
    return true
  }
}

/** Events of one socket that do not wait for each other; a bounded number of them. */
export class EventPool {
  #running = 0

  /** Runs `work` at once; false when too much is running already. */
  add(work: () => Promise<void>): boolean {
    if (this.#running >= limits.parallelStops) return false
    this.#running++
    work()
      .catch(() => undefined)
      .finally(() => this.#running--)
    return true
  }
}
