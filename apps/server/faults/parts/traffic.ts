import type { Person } from './person.ts'

/** People who go on talking. */
export interface Traffic {
  /** Things said so far. */
  readonly said: number
  /** Nobody says anything more. */
  stop(): void
}

/** Who has so much under way says nothing more for now, so that no limit and no slow machine is tested. */
const UNDER_WAY = 4

/** Has each person say something every `everyMs`, all of them evenly apart. */
export function startTraffic(
  people: readonly Person[],
  everyMs: number,
  words = (person: Person, round: number) => `${person.name} says ${round}`,
): Traffic {
  let said = 0
  let turns = 0
  const start = performance.now()
  // A timer that is late makes up for it, so that a busy machine gets as much to do as an idle one.
  const timer = setInterval(() => {
    const due = ((performance.now() - start) / everyMs) * people.length
    for (; turns < due; turns++) {
      const person = people[turns % people.length]
      if (!person || underWay(person) >= UNDER_WAY) continue
      said++
      void person.say(words(person, Math.floor(turns / people.length)))
    }
  }, 10)
  return {
    get said() {
      return said
    },
    stop: () => clearInterval(timer),
  }
}

function underWay({ said }: Person): number {
  return said.filter(({ id, failure }) => id === null && failure === null).length
}
