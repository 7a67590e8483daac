import type { ErrorCode, Message } from '@parley/protocol'
import { describe, expect, it } from 'vitest'
import { type Behaviour, chat, delta, say } from '../model-server/behaviour.ts'
import * as bad from '../model-server/misbehaviour.ts'
import { useStage } from './stage.ts'
import { rowOf } from './talk.ts'

/** What a reply must be in the end. */
type Ending = Pick<Message, 'status' | 'content' | 'error' | 'finishReason'>

const complete = (content: string, finishReason: Message['finishReason'] = 'stop'): Ending => ({
  status: 'complete',
  content,
  error: null,
  finishReason,
})
const failed = (content: string, error: ErrorCode, finishReason: Message['finishReason'] = null): Ending => ({
  status: 'failed',
  content,
  error,
  finishReason,
})

const hello = 'Hello there.'
const secret = 'sk-provider-secret'
const reasonWithoutText = chat('length, no text', (exchange) => {
  exchange.event(delta({ role: 'assistant', content: '' }))
  exchange.event(delta({}, 'length'))
  exchange.end()
})

const endings: readonly (readonly [string, Behaviour, Ending])[] = [
  ['a plain answer', say(hello), complete(hello)],
  ['401 that repeats the key', bad.rejectKey(), failed('', 'AI_UNAVAILABLE')],
  [
    '429 for longer than is worth a wait',
    bad.refuse(429, { 'retry-after': '60' }),
    failed('', 'AI_UNAVAILABLE'),
  ],
  ['429 for an empty account', bad.refuse(429, {}, 'insufficient_quota'), failed('', 'AI_UNAVAILABLE')],
  ['500 each time', bad.refuse(500), failed('', 'AI_UNAVAILABLE')],
  ['a cut before the first token', bad.cutAfter(), failed('', 'AI_UNAVAILABLE')],
  ['a cut in the middle', bad.cutAfter('Hello ', 'there'), failed('Hello there', 'AI_UNAVAILABLE')],
  [
    'an orderly end without a reason (case b2)',
    bad.endWithoutReason('Hello ', 'there'),
    failed('Hello there', 'AI_UNAVAILABLE'),
  ],
  ['no [DONE]', bad.endWithoutDone(hello), complete(hello)],
  ['a cut after the reason', bad.afterReason(hello, 'cut'), complete(hello)],
  ['a hang after the reason', bad.afterReason(hello, 'hang'), complete(hello)],
  ['an error after the reason', bad.afterReason(hello, 'error'), complete(hello)],
  ['empty and missing choices, nulls, usage last (case b1)', bad.oddChunks(hello), complete(hello)],
  ['everything in one chunk', bad.allInOneChunk(hello), complete(hello)],
  ['reasoning first (case b5)', bad.reasonFirst('Let me think.', hello), complete(hello)],
  [
    'reasoning and nothing else (case b6)',
    bad.reasonFirst('Hm.', null),
    failed('', 'AI_UNAVAILABLE', 'length'),
  ],
  ['a refusal', bad.refusal('I cannot ', 'do that.'), complete('I cannot do that.', 'refusal')],
  [
    'an error inside the stream (case b3)',
    bad.errorInside('error', secret, 'Hel'),
    failed('Hel', 'AI_UNAVAILABLE'),
  ],
  ['an error in vLLM’s shape', bad.errorInside('vllm', secret, 'Hel'), failed('Hel', 'AI_UNAVAILABLE')],
  ['an error glued into an event', bad.errorInside('glued', secret, 'Hel'), failed('Hel', 'AI_UNAVAILABLE')],
  ['an error before any text', bad.errorInside('error', secret), failed('', 'AI_UNAVAILABLE')],
  ['an emoji split across bytes (case b4)', bad.splitBytes('Hi 👋🏽 you'), complete('Hi 👋🏽 you')],
  ['an emoji split across surrogates', bad.splitSurrogates('Hi 👋🏽 you'), complete('Hi 👋🏽 you')],
  ['length (case b6)', say(hello, { finish: 'length' }), complete(hello, 'length')],
  ['white space and nothing else', say('\n\n'), failed('\n\n', 'AI_UNAVAILABLE', 'stop')],
  ['length without text (case b6)', reasonWithoutText, failed('', 'AI_UNAVAILABLE', 'length')],
  [
    'content_filter',
    say('Some', { finish: 'content_filter' }),
    failed('Some', 'MODERATION_FAILED', 'content_filter'),
  ],
]

const stage = useStage()

describe('[R5] however a model ends, a reply ends once, with its text and a typed error', () => {
  it.for(endings)('%s', async ([, behaviour, ending]) => {
    const { model, open, parley } = stage()
    const talk = await open()
    const before = model.requests.length
    model.behave(behaviour)
    const replyId = await talk.say('Hello?')
    const response = await talk.end(replyId)
    // Saved before told: what is read on receipt is what was told.
    const stored = (await talk.rows()).find(({ id }) => id === replyId)
    expect(stored).toEqual(rowOf(response))
    expect(response).toMatchObject(ending)
    expect(talk.text(replyId)).toBe(ending.content)

    const failure = {
      error: ending.error,
      replyId,
      message: expect.any(String),
      requestId: expect.any(String),
    }
    await talk.rows()
    expect(talk.errors()).toEqual(ending.error === null ? [] : [failure])
    expect(talk.responses()).toHaveLength(1)
    for (const request of model.requests.slice(before)) await request.ended
    expect(JSON.stringify([talk.plain.frames, parley.logged])).not.toContain(secret)
    talk.close()
  })
})

describe('[R5] a reply beside others', () => {
  it('a failure that passes is tried again, and the reply is told once', async () => {
    const { model, open } = stage()
    const talk = await open()
    const before = model.requests.length
    model.behave(bad.refuse(429, { 'retry-after-ms': '5' }), 1)
    model.behave(bad.cutAfter(), 1)
    model.behave(say(hello), 1)
    const response = await talk.end(await talk.say('Hello?'))
    expect(response).toMatchObject(complete(hello))
    expect(model.requests.length - before).toBe(3)
    expect(talk.errors()).toEqual([])
    talk.close()
  })

  it('after a failed reply the next turn is answered as if nothing had been', async () => {
    const { model, open } = stage()
    const talk = await open()
    model.behave(bad.refuse(500))
    await talk.end(await talk.say('One'))
    model.behave(say(hello))
    expect(await talk.end(await talk.say('Two'))).toMatchObject(complete(hello))
    talk.close()
  })

  it('a reply without end is cut at the limit of the contract, as by the model’s own', async () => {
    const { model, open } = stage()
    const talk = await open()
    const before = model.requests.length
    model.behave(say('😀'.repeat(70_000), { chunks: 70 }))
    const response = await talk.end(await talk.say('Go on and on'))
    expect(response).toMatchObject({ status: 'complete', finishReason: 'length', error: null })
    expect([...response.content]).toHaveLength(64_000)
    expect(response.content).toBe('😀'.repeat(64_000))
    await model.requests[before]?.ended
    talk.close()
  })
})

describe('[R5] RESPONSE_TIMEOUT_MS', () => {
  const stage = useStage({ RESPONSE_TIMEOUT_MS: '1000' })

  it.for([
    ['a hang before the first token', bad.hang(), ''],
    ['a hang in the middle', bad.hangAfter('Let me ', 'think'), 'Let me think'],
    ['a model that never comes to an end', say('and on '.repeat(500), { delayMs: 10 }), 'and on '],
  ] as const)('%s → AI_TIMEOUT, text kept, upstream closed', async ([, behaviour, text]) => {
    const { model, open } = stage()
    const talk = await open()
    model.behave(behaviour)
    const replyId = await talk.say('Hello?')
    const response = await talk.end(replyId)
    expect(response).toMatchObject({ status: 'failed', error: 'AI_TIMEOUT', finishReason: null })
    expect(response.content.startsWith(text)).toBe(true)
    expect(talk.text(replyId)).toBe(response.content)
    expect(await model.requests.at(-1)?.ended).toBe('left')
    await model.requests.at(-1)?.connectionClosed
    const stored = (await talk.rows()).find(({ id }) => id === replyId)
    expect(stored).toEqual(rowOf(response))
    expect(talk.errors()).toMatchObject([{ error: 'AI_TIMEOUT', replyId }])
    talk.close()
  })
})
