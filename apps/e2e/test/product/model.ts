// The one import across apps: the test model server belongs to the server's tests and is no product.
import { type Behaviour, chat, delta, finishStream } from '../../../server/test/model-server/behaviour.ts'
import type { Exchange } from '../../../server/test/model-server/exchange.ts'
import { type ModelServer, startModelServer } from '../../../server/test/model-server/server.ts'

/** A model whose replies a test writes piece by piece. */
export interface SlowModel {
  /** As `OPENAI_BASE_URL` wants it. */
  readonly url: string
  /** The call for the next reply; waits until the server makes it. */
  nextCall(): Promise<Call>
  close(): Promise<void>
}

/** One reply as it is being written. */
export interface Call {
  say(text: string): void
  finish(): void
  /** Resolves when the server hangs up. */
  readonly left: Promise<void>
}

/** Starts a model that says nothing by itself. */
export async function startSlowModel(): Promise<SlowModel> {
  const server: ModelServer = await startModelServer()
  const calls: Call[] = []
  const waiting: ((call: Call) => void)[] = []
  const answer: Behaviour = chat('told by the test', async (exchange) => {
    const call = callOf(exchange)
    const taker = waiting.shift()
    if (taker) taker(call)
    else calls.push(call)
    await exchange.untilLeft()
  })
  server.behave(answer)
  return {
    url: server.url,
    nextCall: () => {
      const call = calls.shift()
      return call ? Promise.resolve(call) : new Promise((resolve) => waiting.push(resolve))
    },
    close: () => server.close(),
  }
}

function callOf(exchange: Exchange): Call {
  return {
    say: (text) => exchange.event(delta({ content: text })),
    finish: () => finishStream(exchange),
    left: exchange.untilLeft(),
  }
}
