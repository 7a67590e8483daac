import { chat, delta, finishStream } from '../../test/model-server/behaviour.ts'
import { type ModelServer, startModelServer } from '../../test/model-server/server.ts'
import type { Stage } from './stage.ts'

/** How the model speaks. */
export interface Manner {
  /** Pieces of an answer. */
  readonly pieces: number
  /** Milliseconds before each piece. */
  readonly everyMs: number
}

/** A model whose every answer is known: what it was asked, how often, and what it sent. */
export interface Script {
  readonly server: ModelServer
  /** How the model speaks from now on, to everything or to each question in its own way. */
  speak(manner: Manner | ((question: string) => Manner)): void
  /** Calls for the newest words of a person. */
  calls(question: string): number
  /** Every whole answer to these words that the model finished saying. */
  answers(question: string): readonly string[]
}

const WORDS = ['sea', 'wind ', 'né', '😀', ' and', '\n', '夜', '—', 'light ', '👩‍👩‍👧']

/** Starts the model; it ends with the stage. */
export async function startScript(stage: Stage, manner: Manner): Promise<Script> {
  const server = stage.add(await startModelServer(), (it) => it.close())
  const calls = new Map<string, number>()
  const answers = new Map<string, string[]>()
  let now: Manner | ((question: string) => Manner) = manner
  server.behave(
    chat('script', async (exchange) => {
      const question = newestWords(exchange.request.body.messages)
      const { pieces, everyMs } = typeof now === 'function' ? now(question) : now
      const call = (calls.get(question) ?? 0) + 1
      calls.set(question, call)
      let said = ''
      exchange.event(delta({ role: 'assistant', content: '' }))
      for (let piece = 0; piece < pieces; piece++) {
        if (everyMs > 0 && !(await exchange.wait(everyMs))) return
        // Every piece names its call, so that a text mixed of two calls is none of the answers.
        const content = `${call}.${piece}${WORDS[(piece * 7 + call) % WORDS.length]} `
        said += content
        exchange.event(delta({ content }))
      }
      finishStream(exchange)
      answers.set(question, [...(answers.get(question) ?? []), said])
    }),
  )
  return {
    server,
    speak: (other) => {
      now = other
    },
    calls: (question) => calls.get(question) ?? 0,
    answers: (question) => answers.get(question) ?? [],
  }
}

/** Neighbours of one role come merged [R1]; what was said last stands at the end. */
function newestWords(messages: readonly { readonly role: string; readonly content: string }[]): string {
  const newest = messages.findLast(({ role }) => role === 'user')?.content ?? ''
  return newest.slice(newest.lastIndexOf('\n') + 1)
}
