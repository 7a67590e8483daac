import type { Log } from './chat/ports.ts'

/** What a process does again and again. */
export class Upkeep {
  readonly #log: Log
  readonly #timers: NodeJS.Timeout[] = []

  constructor(log: Log) {
    this.#log = log
  }

  /** Runs `work` every `ms`, but never twice at a time; `what` names it in the log. */
  every(ms: number, what: string, work: () => Promise<void>): void {
    let running = false
    const run = async () => {
      if (running) return
      running = true
      try {
        await work()
      } catch (cause) {
        this.#log.warn({ err: cause }, `${what} has to wait`)
      }
      running = false
    }
    this.#timers.push(setInterval(() => void run(), ms))
  }

  /** Begins nothing more. */
  end(): void {
    for (const timer of this.#timers) clearInterval(timer)
  }
}
