import { onTestFinished } from 'vitest'
import { type Behaviour, chat, delta, finishStream } from '../model-server/behaviour.ts'
import { type ModelServer, startModelServer } from '../model-server/server.ts'

/** A model server that ends with the test, and the settings of a server that uses it. */
export async function useModel(): Promise<{ model: ModelServer; env: Record<string, string> }> {
  const model = await startModelServer()
  onTestFinished(() => model.close())
  return { model, env: { OPENAI_BASE_URL: model.url, OPENAI_MODEL: 'test', TRUST_CLIENT_USER_ID: '1' } }
}

/** Speaks numbered words without an end, until it is left or `finish` is called. */
export function endless(): { readonly behaviour: Behaviour; finish(): void } {
  let finishing = false
  const behaviour = chat('endless', async (exchange) => {
    for (let count = 0; await exchange.wait(15); count++) {
      if (finishing) return finishStream(exchange)
      exchange.event(delta({ content: `word-${count} ` }))
    }
  })
  return {
    behaviour,
    finish: () => {
      finishing = true
    },
  }
}
