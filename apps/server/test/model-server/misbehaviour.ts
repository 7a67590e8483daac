import { type Behaviour, chat, chunk, delta, finishStream, usage, usageChunk } from './behaviour.ts'

/** 401 that repeats the key, as OpenAI does. */
export function rejectKey(): Behaviour {
  return chat('rejectKey', ({ request, json }) => {
    const key = request.headers.authorization?.replace('Bearer ', '') ?? ''
    const message = `Incorrect API key provided: ${key}.`
    json(401, { error: { message, type: 'invalid_request_error', code: 'invalid_api_key' } })
  })
}

/** Refuses with a status; the text echoes the request, as careless servers do. */
export function refuse(status: number, headers: Record<string, string> = {}, code?: string): Behaviour {
  return chat(`refuse ${status}`, ({ request, json }) => {
    const message = `refused: ${JSON.stringify(request.headers)} ${JSON.stringify(request.body.messages)}`
    json(status, { error: { message, type: 'server_error', code: code ?? null } }, headers)
  })
}

/** Takes the request and never answers. */
export function hang(): Behaviour {
  return chat('hang', ({ untilLeft }) => untilLeft())
}

/** Says the pieces and then nothing more, the connection open. */
export function hangAfter(...pieces: string[]): Behaviour {
  return chat('hangAfter', ({ event, untilLeft }) => {
    for (const content of ['', ...pieces]) event(delta({ content }))
    return untilLeft()
  })
}

/** Tears the connection, before anything was said or after the pieces. */
export function cutAfter(...pieces: string[]): Behaviour {
  return chat('cutAfter', async ({ event, wait, cut }) => {
    for (const content of ['', ...pieces]) event(delta({ content }))
    // What was written must reach the client before the line breaks.
    await wait(30)
    cut()
  })
}

/** Ends the stream in good order, but without a reason. */
export function endWithoutReason(...pieces: string[]): Behaviour {
  return chat('endWithoutReason', ({ event, end }) => {
    for (const content of pieces) event(delta({ content }))
    end()
  })
}

/** Gives a reason and ends without `[DONE]`. */
export function endWithoutDone(text: string): Behaviour {
  return chat('endWithoutDone', ({ event, end }) => {
    event(delta({ content: text }))
    event(delta({}, 'stop'))
    end()
  })
}

/** Gives a reason, then tears the connection or leaves it open. */
export function afterReason(text: string, then: 'cut' | 'hang' | 'error'): Behaviour {
  return chat(`afterReason ${then}`, async (exchange) => {
    exchange.event(delta({ content: text }))
    exchange.event(delta({}, 'stop'))
    exchange.event(usageChunk())
    if (then === 'hang') return exchange.untilLeft()
    if (then === 'error') exchange.event({ error: { message: 'too late' } })
    await exchange.wait(30)
    exchange.cut()
  })
}

/** Everything that is odd but allowed: no or empty `choices`, no `delta`, nulls, comments. */
export function oddChunks(text: string): Behaviour {
  return chat('oddChunks', (exchange) => {
    exchange.raw(': keep-alive\n\n')
    exchange.event({})
    exchange.event(chunk({}))
    exchange.event(chunk({ choices: null }))
    exchange.event(chunk({ choices: [], prompt_filter_results: [] }))
    exchange.event(chunk({ choices: [{ index: 0, finish_reason: null }] }))
    exchange.event(delta({ role: 'assistant', content: null }))
    exchange.event(delta({ content: text }))
    exchange.event(chunk({ choices: [{ index: 0, delta: null, finish_reason: null }], usage: null }))
    exchange.event(delta({ content: null }, 'stop'))
    exchange.event(usageChunk())
    exchange.raw('data: [DONE]\n\n')
    exchange.end()
  })
}

/** The text, the reason and the usage all in one chunk. */
export function allInOneChunk(text: string): Behaviour {
  return chat('allInOneChunk', (exchange) => {
    exchange.event({ ...delta({ content: text }, 'stop'), usage })
    exchange.raw('data: [DONE]\n\n')
    exchange.end()
  })
}

/** Reasons aloud, in both dialects, and then answers; without a text it only reasons. */
export function reasonFirst(reasoning: string, text: string | null): Behaviour {
  return chat('reasonFirst', (exchange) => {
    exchange.event(delta({ content: null, reasoning_content: reasoning }))
    exchange.event(delta({ content: '', reasoning }))
    exchange.event(delta({ content: [{ type: 'thinking', thinking: reasoning }] }))
    if (text !== null) exchange.event(delta({ content: text }))
    finishStream(exchange, text === null ? 'length' : 'stop')
  })
}

/** Refuses in the field made for it. */
export function refusal(...pieces: string[]): Behaviour {
  return chat('refusal', (exchange) => {
    for (const piece of pieces) exchange.event(delta({ content: null, refusal: piece }))
    finishStream(exchange)
  })
}

/** Reports a failure inside a stream that began with 200. */
export function errorInside(
  shape: 'error' | 'vllm' | 'glued' | 'finish',
  secret: string,
  ...pieces: string[]
): Behaviour {
  return chat(`errorInside ${shape}`, (exchange) => {
    for (const content of pieces) exchange.event(delta({ content }))
    const error = { message: `upstream says ${secret}`, type: 'server_error', code: 502 }
    if (shape === 'error') exchange.event({ error })
    if (shape === 'vllm') exchange.event({ object: 'error', ...error })
    if (shape === 'glued') exchange.raw(`data: {"choices":[{"del${JSON.stringify({ error })}\n\n`)
    if (shape === 'finish') exchange.event(delta({ content: '' }, 'error'))
    exchange.end()
  })
}

/** Sends the bytes of each character in separate writes. */
export function splitBytes(text: string): Behaviour {
  return chat('splitBytes', async (exchange) => {
    for (const byte of Buffer.from(`data: ${JSON.stringify(delta({ content: text }))}\n\n`)) {
      exchange.raw(Uint8Array.of(byte))
      if (byte > 127) await exchange.wait(5)
    }
    finishStream(exchange)
  })
}

/** Sends every UTF-16 code unit in a delta of its own, half characters included. */
export function splitSurrogates(text: string): Behaviour {
  return chat('splitSurrogates', (exchange) => {
    for (const content of text.split('')) exchange.event(delta({ content }))
    finishStream(exchange)
  })
}
