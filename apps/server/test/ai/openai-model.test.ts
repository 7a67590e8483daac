import { describe, expect, it } from 'vitest'
import { say } from '../model-server/behaviour.ts'
import {
  afterReason,
  allInOneChunk,
  cutAfter,
  endWithoutDone,
  endWithoutReason,
  errorInside,
  oddChunks,
  reasonFirst,
  refusal,
  splitBytes,
  splitSurrogates,
} from '../model-server/misbehaviour.ts'
import { insistOnAlternating } from '../model-server/strictness.ts'
import { ask, listenTo, SECRET } from './parts.ts'
import { setStage } from './stage.ts'

const counted = { promptTokens: 11, completionTokens: 7 }

describe('a reply that the model ends by itself', () => {
  it('[R2] comes in the pieces it was sent in, with reason and usage', async () => {
    const { server, newModel } = await setStage()
    server.behave(say('One two three.'))
    const reply = await listenTo(newModel())
    expect(reply.pieces).toEqual(['One ', 'two ', 'three.'])
    expect(reply.end).toEqual({ type: 'end', reason: 'stop', usage: counted })
  })

  it('asks for a stream, for its usage and for at most the configured tokens', async () => {
    const { server, newModel } = await setStage()
    await listenTo(newModel({ limits: { maxOutputTokens: 77 } }))
    expect(server.requests[0]?.body).toEqual({
      model: 'test',
      messages: [
        { role: 'system', content: 'Be brief.' },
        { role: 'user', content: 'Hello?' },
      ],
      stream: true,
      stream_options: { include_usage: true },
      max_completion_tokens: 77,
    })
    expect(server.requests[0]?.headers.authorization).toBe(`Bearer ${SECRET}`)
  })

  it('needs no key: nothing is sent in its place (Ollama)', async () => {
    const { server, newModel } = await setStage()
    expect((await listenTo(newModel({ apiKey: null }))).end?.reason).toBe('stop')
    expect(server.requests[0]?.headers).not.toHaveProperty('authorization')
  })

  it('keeps its connection for the next reply instead of opening one each time', async () => {
    const { server, newModel } = await setStage()
    const model = newModel()
    for (let i = 0; i < 6; i++) await listenTo(model)
    expect(server.openConnections()).toBeLessThanOrEqual(2)
    expect(await Promise.all(server.requests.map((request) => request.ended))).toEqual(
      Array(6).fill('finished'),
    )
  })

  it.each([
    ['stop', 'stop'],
    ['length', 'length'],
    ['content_filter', 'content_filter'],
    ['tool_calls', 'stop'],
    ['model_length', 'length'],
    ['SAFETY', 'content_filter'],
    ['something_new', 'stop'],
  ])('[R5] finish reason %s is told as %s', async (finish, reason) => {
    const { server, newModel } = await setStage()
    server.behave(say('Text.', { finish }))
    expect(await listenTo(newModel())).toMatchObject({ text: 'Text.', end: { reason, usage: counted } })
  })

  it('case b6: the length limit before any text is an end without text', async () => {
    const { server, newModel } = await setStage()
    server.behave(say('', { finish: 'length' }))
    expect(await listenTo(newModel())).toMatchObject({ pieces: [], end: { reason: 'length' }, fault: null })
  })
})

describe('a stream with oddities', () => {
  it('case b1: chunks without choices, delta or content lose nothing, and the usage is taken', async () => {
    const { server, newModel } = await setStage()
    server.behave(oddChunks('Whole.'))
    expect(await listenTo(newModel())).toMatchObject({
      pieces: ['Whole.'],
      end: { reason: 'stop', usage: counted },
    })
  })

  it('case b1: text, reason and usage in one chunk are all taken', async () => {
    const { server, newModel } = await setStage()
    server.behave(allInOneChunk('At once.'))
    expect(await listenTo(newModel())).toMatchObject({ text: 'At once.', end: { usage: counted } })
  })

  it('case b5: reasoning is never the answer', async () => {
    const { server, newModel } = await setStage()
    server.behave(reasonFirst('They want a joke.', 'A joke.'))
    expect(await listenTo(newModel())).toMatchObject({ pieces: ['A joke.'], end: { reason: 'stop' } })
  })

  it('case b5, b6: reasoning up to the limit leaves an empty reply that was cut off', async () => {
    const { server, newModel } = await setStage()
    server.behave(reasonFirst('Thinking on and on.', null))
    expect(await listenTo(newModel())).toMatchObject({ pieces: [], end: { reason: 'length' } })
  })

  it('a refusal is the text of the reply', async () => {
    const { server, newModel } = await setStage()
    server.behave(refusal('I will not ', 'say that.'))
    expect(await listenTo(newModel())).toMatchObject({
      text: 'I will not say that.',
      end: { reason: 'refusal' },
    })
  })

  it('case b4: characters split across TCP writes arrive whole', async () => {
    const { server, newModel } = await setStage()
    server.behave(splitBytes('Grüße 👩‍🚀🇪🇺 漢'))
    expect(await listenTo(newModel())).toMatchObject({ pieces: ['Grüße 👩‍🚀🇪🇺 漢'], end: { reason: 'stop' } })
  })

  it('case b4: halves of a character in two deltas are passed on as they came', async () => {
    const { server, newModel } = await setStage()
    server.behave(splitSurrogates('a😀b'))
    const reply = await listenTo(newModel())
    expect(reply.pieces).toEqual(['a', '\ud83d', '\ude00', 'b'])
    expect(reply.text).toBe('a😀b')
  })

  it('no [DONE] after a reason is a proper end', async () => {
    const { server, newModel } = await setStage()
    server.behave(endWithoutDone('All said.'))
    expect(await listenTo(newModel())).toMatchObject({
      text: 'All said.',
      end: { reason: 'stop', usage: null },
    })
  })

  it.each(['cut', 'hang', 'error'] as const)(
    'once the reason is given, the end is not lost to a %s, and the line is closed',
    async (then) => {
      const { server, newModel } = await setStage()
      server.behave(afterReason('All said.', then))
      expect(await listenTo(newModel({ limits: { endGraceMs: 200 } }))).toMatchObject({
        text: 'All said.',
        end: { reason: 'stop', usage: counted },
        fault: null,
      })
      await server.requests[0]?.connectionClosed
      expect(server.requests).toHaveLength(1)
    },
  )
})

describe('a stream that breaks', () => {
  it.each([
    ['cut', cutAfter('Two ', 'words')],
    ['ended without a reason', endWithoutReason('Two ', 'words')],
  ])('case b2: %s after text: the text, no end, and no second request', async (_, behaviour) => {
    const { server, lines, newModel } = await setStage()
    server.behave(behaviour)
    expect(await listenTo(newModel())).toMatchObject({ text: 'Two words', end: null, fault: null })
    expect(server.requests).toHaveLength(1)
    expect(lines).toEqual([expect.stringMatching(/^warn /)])
  })

  it.each(['error', 'vllm', 'glued', 'finish'] as const)(
    'case b3: a failure inside the stream (%s) is a fault; text stays, nothing of the chunk is logged',
    async (shape) => {
      const { server, lines, newModel } = await setStage()
      server.behave(errorInside(shape, SECRET, 'Some ', 'text'))
      const reply = await listenTo(newModel())
      expect(reply).toMatchObject({ text: 'Some text', end: null, fault: { code: 'AI_UNAVAILABLE' } })
      expect(reply.fault?.message).not.toContain('upstream')
      expect(lines.join()).not.toContain('upstream')
      expect(server.requests).toHaveLength(1)
      await server.requests[0]?.ended
    },
  )

  it.each(['error', 'glued'] as const)(
    'case b3: a failure (%s) before any text is the same fault, without a retry',
    async (shape) => {
      const { server, newModel } = await setStage()
      server.behave(errorInside(shape, SECRET))
      expect(await listenTo(newModel())).toMatchObject({ pieces: [], fault: { code: 'AI_UNAVAILABLE' } })
      expect(server.requests).toHaveLength(1)
    },
  )

  it('case h1: a prompt that breaks the rules of a strict model is a fault that quotes nothing', async () => {
    const { server, lines, newModel } = await setStage()
    server.behave(insistOnAlternating())
    const request = ask('one')
    const twice = { ...request, messages: [...request.messages, ...ask('two').messages] }
    expect(await listenTo(newModel(), twice)).toMatchObject({ fault: { code: 'AI_UNAVAILABLE' } })
    expect(lines.join()).not.toContain('alternate')
    expect(server.requests).toHaveLength(1)
  })
})
