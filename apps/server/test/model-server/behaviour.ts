import type { Exchange } from './exchange.ts'

/** What the server does with a request. */
export interface Behaviour {
  readonly name: string
  readonly route: 'chat' | 'moderation'
  answer(exchange: Exchange): void | Promise<void>
}

/** Tokens that every well-behaved answer reports. */
export const usage = { prompt_tokens: 11, completion_tokens: 7, total_tokens: 18 }

/** How an answer is said. */
export interface Saying {
  /** Number of pieces; without it, one for each word. */
  readonly chunks?: number
  /** Milliseconds before each piece. */
  readonly delayMs?: number
  /** Finish reason; null: none is given. */
  readonly finish?: string | null
}

/** Answers properly, streamed or whole as the request asks. */
export function say(text: string, saying: Saying = {}): Behaviour {
  return chat('say', (exchange) => speak(exchange, text, saying))
}

/** Repeats the newest user message: what the server does unless told otherwise. */
export function echo(saying: Saying = {}): Behaviour {
  return chat('echo', (exchange) => {
    const newest = exchange.request.body.messages.findLast((message) => message.role === 'user')
    return speak(exchange, `You said: ${newest?.content ?? 'nothing'}`, saying)
  })
}

/** A behaviour of the chat route. */
export function chat(name: string, answer: Behaviour['answer']): Behaviour {
  return { name, route: 'chat', answer }
}

/** A chunk with a piece of the answer. */
export function delta(fields: object, finish: string | null = null) {
  return chunk({ choices: [{ index: 0, delta: fields, finish_reason: finish }] })
}

/** A chunk of a stream with the given fields. */
export function chunk(fields: object) {
  return { id: 'chatcmpl-test', object: 'chat.completion.chunk', created: 1, model: 'test', ...fields }
}

/** The last chunk, which only counts. */
export function usageChunk() {
  return chunk({ choices: [], usage })
}

/** Ends a stream as OpenAI does. */
export function finishStream(exchange: Exchange, finish: string | null = 'stop'): void {
  if (finish !== null) exchange.event(delta({}, finish))
  if (exchange.request.body.stream_options?.include_usage) exchange.event(usageChunk())
  exchange.raw('data: [DONE]\n\n')
  exchange.end()
}

async function speak(exchange: Exchange, text: string, saying: Saying): Promise<void> {
  const { delayMs = 0, finish = 'stop' } = saying
  const pieces = saying.chunks === undefined ? words(text) : cut(text, saying.chunks)
  if (!exchange.request.body.stream) {
    await exchange.wait(delayMs * pieces.length)
    exchange.json(200, whole(text, finish))
    return
  }
  exchange.event(delta({ role: 'assistant', content: '' }))
  for (const content of pieces) {
    if (delayMs > 0 && !(await exchange.wait(delayMs))) return
    exchange.event(delta({ content }))
  }
  finishStream(exchange, finish)
}

function whole(text: string, finish: string | null) {
  const message = { role: 'assistant', content: text, refusal: null }
  return {
    id: 'chatcmpl-test',
    object: 'chat.completion',
    created: 1,
    model: 'test',
    choices: [{ index: 0, message, finish_reason: finish }],
    usage,
  }
}

function words(text: string): string[] {
  return text.match(/^\s+|\S+\s*/gu) ?? []
}

function cut(text: string, chunks: number): string[] {
  const points = [...text]
  const size = Math.max(1, Math.ceil(points.length / chunks))
  const count = Math.ceil(points.length / size)
  return Array.from({ length: count }, (_, i) => points.slice(i * size, (i + 1) * size).join(''))
}
