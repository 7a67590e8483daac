import type { Person } from './person.ts'

/** People who go on talking. */
export interface Traffic {
  /** Things said so far. */
  readonly said: number
  /** Nobody says anything more. */
  stop(): void
}

/** Has each person say something every `everyMs`, all of them evenly apart; nobody waits for an answer. */
export function startTraffic(
  people: readonly Person[],
  everyMs: number,
  words = (person: Person, round: number) => `${person.name} says ${round}`,
): Traffic {
  let said = 0
  const start = performance.now()
  // A timer that is late makes up for it, so that a busy machine gets as much to do as an idle one.
  const timer = setInterval(() => {
    const due = ((performance.now() - start) / everyMs) * people.length
    for (; said < due; said++) {
      const person = people[said % people.length]
      if (person) void person.say(words(person, Math.floor(said / people.length)))
    }
  }, 10)
  return {
    get said() {
      return said
    },
    stop: () => clearInterval(timer),
  }
}
