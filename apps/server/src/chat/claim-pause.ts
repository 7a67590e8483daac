import type { Clock } from './ports.ts'

/**
 * Says when the replies of others may be claimed. After the database was away every owner's lease may have
 * run out although the owner lives; for one lease they have the time to renew it [R4].
 */
export class ClaimPause {
  readonly #clock: Clock
  readonly #leaseMs: number
  #away = false
  #until = Number.NEGATIVE_INFINITY

  constructor(clock: Clock, leaseMs: number) {
    this.#clock = clock
    this.#leaseMs = leaseMs
  }

  /** The database could not be reached. */
  lost(): void {
    this.#away = true
  }

  /** The database answered. */
  reached(): void {
    if (!this.#away) return
    this.#away = false
    this.#until = this.#clock.now() + this.#leaseMs
  }

  get over(): boolean {
    return !this.#away && this.#clock.now() >= this.#until
  }
}
