import { type Behaviour, chat, delta, finishStream } from '../model-server/behaviour.ts'
import { Dice } from './dice.ts'

/** What one call of the model was asked and says. */
export interface Call {
  /** The message that it answers. */
  readonly label: string
  /** Everything that it says if nobody stops it. Begins with the number of the call. */
  readonly text: string
}

/** A model whose every call says something else, so that a mixed text shows. */
export interface NumberedModel {
  readonly behaviour: Behaviour
  /** All calls by their number. */
  readonly calls: ReadonlyMap<string, Call>
}

const WORDS = ['alpha ', 'beta ', 'gamma ', '😀 ', '👩‍👩‍👧 ', '漢字 ', 'line\n', 'x'.repeat(40)]
const LABEL = /<[^>]+>/g
const NUMBER = /^#(\d+) /

/** A message of a person, named so that the call which answers it can be found. */
export const labelled = (label: string, words: string) => `${words} <${label}>`

/** The number of the call that wrote a text; null: none did. */
export const numberOf = (text: string) => NUMBER.exec(text)?.[1] ?? null

/** Makes the model. It says short things, sometimes at once, mostly piece by piece. */
export function createNumberedModel(): NumberedModel {
  const calls = new Map<string, Call>()
  const behaviour = chat('numbered', async (exchange) => {
    const asked = exchange.request.body.messages.findLast(({ role }) => role === 'user')?.content ?? ''
    // Messages whose replies were stopped before their first word come as one.
    const label = asked.match(LABEL)?.at(-1)?.slice(1, -1) ?? ''
    const number = `${calls.size + 1}`
    const dice = new Dice(`model ${number}`)
    const pieces = [`#${number} `, ...Array.from({ length: dice.below(24) }, () => dice.pick(WORDS) ?? '')]
    const paceMs = dice.pick([0, 1, 2, 5, 12]) ?? 0
    calls.set(number, { label, text: pieces.join('') })
    exchange.event(delta({ role: 'assistant', content: '' }))
    for (const content of pieces) {
      if (paceMs > 0 && !(await exchange.wait(paceMs))) return
      exchange.event(delta({ content }))
    }
    finishStream(exchange)
  })
  return { behaviour, calls }
}
