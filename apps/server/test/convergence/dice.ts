/** Chance that is the same whenever its seed is. */
export class Dice {
  readonly #name: string
  #state: number

  constructor(name: string) {
    this.#name = name
    this.#state = hash(name)
  }

  /** Dice of their own for a part of what is drawn: how often others are thrown changes nothing for them. */
  of(part: string): Dice {
    return new Dice(`${this.#name}/${part}`)
  }

  /** A whole number from 0 to below `end`. */
  below(end: number): number {
    return Math.floor(this.#next() * end)
  }

  chance(probability: number): boolean {
    return this.#next() < probability
  }

  /** One of them, each as likely as the others; undefined: there is none. */
  pick<T>(list: readonly T[]): T | undefined {
    return list[this.below(list.length)]
  }

  /** One of the keys, as likely as its weight says. */
  weighted<K extends string>(weights: ReadonlyMap<K, number>): K {
    const entries = [...weights]
    let left = this.#next() * entries.reduce((sum, [, weight]) => sum + weight, 0)
    for (const [key, weight] of entries) {
      left -= weight
      if (left < 0) return key
    }
    throw new Error('nothing to choose from')
  }

  /** The generator mulberry32. */
  #next(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0
    let t = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}

/** FNV-1a. */
function hash(text: string): number {
  let state = 0x811c9dc5
  for (const character of text) state = Math.imul(state ^ (character.codePointAt(0) ?? 0), 0x01000193)
  return state
}
