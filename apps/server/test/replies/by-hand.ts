import { type Behaviour, chat, delta, finishStream } from '../model-server/behaviour.ts'
import type { RecordedRequest } from '../model-server/exchange.ts'

/** One answer that a test speaks piece by piece. */
export interface HandAnswer {
  readonly request: RecordedRequest
  say(piece: string): void
  /** Gives the reason, counts the tokens and ends. */
  finish(reason?: string): void
  cut(): void
}

/** A model whose answers a test speaks itself; `next` is the answer to the oldest request not taken yet. */
export function byHand(): { readonly behaviour: Behaviour; next(): Promise<HandAnswer> } {
  const ready: HandAnswer[] = []
  const takers: ((answer: HandAnswer) => void)[] = []
  const behaviour = chat('by hand', (exchange) => {
    const answer: HandAnswer = {
      request: exchange.request,
      say: (content) => exchange.event(delta({ content })),
      finish: (reason = 'stop') => finishStream(exchange, reason),
      cut: () => exchange.cut(),
    }
    const taker = takers.shift()
    if (taker) taker(answer)
    else ready.push(answer)
    return exchange.untilLeft()
  })
  return {
    behaviour,
    next: () => {
      const answer = ready.shift()
      return answer ? Promise.resolve(answer) : new Promise((resolve) => takers.push(resolve))
    },
  }
}

/** Streams a text in the given pieces, each cut where the test says, half characters included. */
export function sayPieces(pieces: readonly string[], delayMs = 0): Behaviour {
  return chat('sayPieces', async (exchange) => {
    for (const content of pieces) {
      if (delayMs > 0 && !(await exchange.wait(delayMs))) return
      exchange.event(delta({ content }))
    }
    finishStream(exchange)
  })
}
