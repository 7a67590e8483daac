import type { Person } from './person.ts'

/** How long clients were without a connection: from leaving `online` until `online` again. */
export class Downtimes {
  /** Those that are over, in milliseconds. */
  readonly ended: number[] = []
  readonly #since = new Map<Person, number>()

  /** Looks at a person from now on. */
  watch(person: Person): void {
    const { connection } = person.client
    connection.subscribe(() => {
      const isOnline = connection.get().status === 'online'
      const since = this.#since.get(person)
      if (!isOnline && since === undefined) this.#since.set(person, performance.now())
      if (!isOnline || since === undefined) return
      this.ended.push(performance.now() - since)
      this.#since.delete(person)
    })
  }

  /** People without a connection now. */
  get away(): number {
    return this.#since.size
  }
}
