import { setImmediate } from 'node:timers/promises'
import { PGlite } from '@electric-sql/pglite'

/**
 * PGlite runs inside this process and blocks it while a statement runs. Calls wait in one queue that
 * lets the event loop turn before each: without it a busy database starves timers, heartbeats and
 * sockets. A transaction and its own calls do not wait here: PGlite itself keeps others out of it, and a
 * call of the queue that comes meanwhile waits, with all behind it, until the transaction ends.
 */
export class QueuedPGlite extends PGlite {
  #last: Promise<unknown> = Promise.resolve()

  override query<T>(...args: Parameters<PGlite['query']>): ReturnType<typeof PGlite.prototype.query<T>> {
    return this.#enqueue(() => super.query<T>(...args))
  }

  override exec(...args: Parameters<PGlite['exec']>): ReturnType<PGlite['exec']> {
    return this.#enqueue(() => super.exec(...args))
  }

  #enqueue<T>(call: () => Promise<T>): Promise<T> {
    const turn = this.#last.then(async () => {
      await setImmediate()
      return call()
    })
    this.#last = turn.catch(() => undefined)
    return turn
  }
}
