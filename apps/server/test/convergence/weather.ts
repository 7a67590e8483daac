import type { Dice } from './dice.ts'

/** The way of a frame: from a client to the server, or back. */
export type Way = 'up' | 'down'

/** What becomes of one frame. Times in milliseconds. */
export type Fate =
  | { readonly kind: 'pass' }
  /** It and all behind it on its way wait. */
  | { readonly kind: 'slow'; readonly ms: number }
  /** The line is cut before it, behind it, or when half of its bytes are through. */
  | { readonly kind: 'cut'; readonly where: 'before' | 'behind' | 'within' }
  /** Nothing more comes through on its way, and after a while the line is cut. */
  | { readonly kind: 'silence'; readonly ms: number }
  | { readonly kind: 'drop' }
  /** It comes twice, the second time behind others. */
  | { readonly kind: 'repeat'; readonly ms: number }
  /** Others overtake it. */
  | { readonly kind: 'late'; readonly ms: number }

/**
 * `cuts`: what a network can do to a TCP connection. `losses`: also what none does, frames that are lost,
 * doubled and overtaken on a line that lives; the rules withstand that too [R2] [M2] [M3]. `gaps`: that
 * alone, and only to what the server tells by itself, so that no answer fails and no new line mends it.
 */
export type Kind = 'cuts' | 'losses' | 'gaps'

/** All of them. */
export const kinds: readonly Kind[] = ['cuts', 'losses', 'gaps']

const WEIGHTS: Readonly<Record<Kind, ReadonlyMap<Fate['kind'], number>>> = {
  cuts: new Map([
    ['slow', 5],
    ['cut', 4],
    ['silence', 1],
  ]),
  losses: new Map([
    ['slow', 2],
    ['cut', 1],
    ['drop', 5],
    ['repeat', 3],
    ['late', 4],
  ]),
  gaps: new Map([
    ['drop', 3],
    ['repeat', 1],
    ['late', 3],
  ]),
}

/** How likely it is that something becomes of a frame. */
const RATES: Readonly<Record<Kind, readonly number[]>> = {
  cuts: [0.01, 0.03, 0.06, 0.12],
  losses: [0.01, 0.03, 0.06, 0.12],
  gaps: [0.1, 0.25],
}

/** Everything that may become of a frame. */
export const fateKinds: readonly Fate['kind'][] = [...WEIGHTS.cuts.keys(), ...WEIGHTS.losses.keys()]

const EVENT = /^42/
const PASS: Fate = { kind: 'pass' }

/** Decides what becomes of every frame of one line, by its seed alone. */
export class Weather {
  readonly kind: Kind
  readonly #dice: Dice
  readonly #rate: number
  #calm = false

  constructor(dice: Dice, kind: Kind) {
    this.kind = kind
    this.#dice = dice
    this.#rate = dice.of('rate').pick(RATES[kind]) ?? 0
  }

  /** From now on every frame passes. */
  clear(): void {
    this.#calm = true
  }

  get isCalm(): boolean {
    return this.#calm
  }

  /** What becomes of the frame that is the `count`th of its way on a connection. */
  fate(connection: number, way: Way, count: number, frame: string): Fate {
    const dice = this.#dice.of(`${connection} ${way} ${count}`)
    if (this.#calm || !dice.chance(this.#rate)) return PASS
    if (this.kind === 'gaps' && !(way === 'down' && EVENT.test(frame))) return PASS
    const kind = dice.weighted(WEIGHTS[this.kind])
    if ((kind === 'repeat' || kind === 'late') && !mayMove(frame)) return PASS
    return fateOf(kind, dice)
  }

  /** Whether what is still on its way to the server arrives although its client has gone. */
  outlives(connection: number): boolean {
    return this.#dice.of(`${connection} end`).chance(0.5)
  }
}

function fateOf(kind: Fate['kind'], dice: Dice): Fate {
  switch (kind) {
    case 'cut':
      return { kind, where: dice.pick(['before', 'behind', 'within'] as const) ?? 'before' }
    case 'silence':
      return { kind, ms: 20 + dice.below(200) }
    case 'slow':
    case 'late':
    case 'repeat':
      return { kind, ms: 1 + dice.below(dice.chance(0.2) ? 250 : 30) }
    default:
      return { kind }
  }
}

/**
 * Only events and acks may be doubled and overtaken. Of the packets that open a line each has one place,
 * and a `chat:leave` that is read behind a later `chat:join` undoes it.
 */
function mayMove(frame: string): boolean {
  return /^4[23]/.test(frame) && !frame.includes('["chat:leave"')
}
