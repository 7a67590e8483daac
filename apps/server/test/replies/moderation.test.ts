import { describe, expect, it } from 'vitest'
import { say } from '../model-server/behaviour.ts'
import { hangAfter } from '../model-server/misbehaviour.ts'
import { moderate } from '../model-server/strictness.ts'
import { useStage } from './stage.ts'
import { dataOf, errorOf, openTalk, replyIdOf, type Talk } from './talk.ts'

const send = (talk: Talk, content: string) =>
  talk.ask('chat:message', { sessionId: talk.sessionId, content, clientMessageId: 'm-1' })

describe('moderation by a service', () => {
  const stage = useStage({ MODERATION: 'openai' })
  const chats = () => stage().model.requests.filter(({ path }) => path.endsWith('/chat/completions'))

  it('a text that is flagged: MODERATION_FAILED, nothing stored, the model not called', async () => {
    const { model, open } = stage()
    const talk = await open()
    const before = chats().length
    model.behave(moderate('flag'))
    const failure = errorOf(await send(talk, 'something bad'))
    expect(failure).toMatchObject({ error: 'MODERATION_FAILED', clientMessageId: 'm-1' })
    expect(await talk.rows()).toHaveLength(1)
    expect(chats()).toHaveLength(before)
    // What was asked about is the text itself.
    expect(model.requests.at(-1)?.body).toMatchObject({ input: 'something bad' })
  })

  it.for(['malformed', 'no json', 500, 401, 429] as const)(
    'case g1: a service that answers %s is no free pass: AI_UNAVAILABLE, nothing stored',
    async (outcome) => {
      const { model, open } = stage()
      const talk = await open()
      const before = chats().length
      model.behave(moderate(outcome))
      expect(errorOf(await send(talk, 'Hello'))).toMatchObject({ error: 'AI_UNAVAILABLE' })
      expect(await talk.rows()).toHaveLength(1)
      expect(chats()).toHaveLength(before)
      // The same message goes through once the service is well.
      model.behave(moderate('pass'))
      const sent = dataOf(await send(talk, 'Hello'))
      expect(sent.duplicate).toBe(false)
      expect(await talk.end(replyIdOf(sent))).toMatchObject({ content: 'You said: Hello' })
    },
  )

  it('case g1: a service that asks for a long wait: the person is told how long', async () => {
    const { model, open } = stage()
    const talk = await open()
    model.behave({
      name: 'refuse for a minute',
      route: 'moderation',
      answer: ({ json }) => json(429, { error: { message: 'slow down' } }, { 'retry-after': '60' }),
    })
    expect(errorOf(await send(talk, 'Hello'))).toMatchObject({
      error: 'AI_UNAVAILABLE',
      retryAfterMs: 60_000,
    })
  })

  it('case g1: a service that hangs is given up before the client gives up', async () => {
    const { model, open, parley } = stage()
    const talk = await open()
    model.behave(moderate('hang'))
    expect(errorOf(await send(talk, 'Hello'))).toMatchObject({ error: 'AI_UNAVAILABLE' })
    expect(await talk.rows()).toHaveLength(1)
    expect(parley.logged.some(({ level }) => level === 'warn')).toBe(true)
    for (const { ended } of model.requests) await ended
  })
})

describe('moderation by the word list', () => {
  const stage = useStage({ MODERATION: 'local' })

  it('flagged: MODERATION_FAILED, nothing stored, the model not called; the next message is answered', async () => {
    const { model, open } = stage()
    const talk = await open()
    expect(errorOf(await send(talk, 'what a fucking mess')).error).toBe('MODERATION_FAILED')
    expect(await talk.rows()).toHaveLength(1)
    expect(model.requests).toHaveLength(0)
    const sent = dataOf(await send(talk, 'what a mess'))
    expect(await talk.end(replyIdOf(sent))).toMatchObject({ status: 'complete' })
    expect(model.requests.map(({ path }) => path)).toEqual(['/v1/chat/completions'])
  })
})

describe('moderation of what the persona answers', () => {
  const stage = useStage({ MODERATION: 'local' })

  it('case g2: a phrase split across deltas is withdrawn in every tab, kept nowhere and in no prompt', async () => {
    const { model, open, parley } = stage()
    const talk = await open()
    const other = await openTalk(parley.url, { userId: talk.userId, sessionId: talk.sessionId })
    model.behave(say('Well, fuck that.', { chunks: 6, delayMs: 60 }), 1)
    const replyId = await talk.say('Tell me')
    const ends = [await talk.end(replyId), await other.end(replyId)]
    for (const end of ends) {
      expect(end).toMatchObject({ status: 'blocked', content: '', error: 'MODERATION_FAILED' })
    }
    expect(talk.text(replyId)).toContain('Well')
    expect((await talk.rows()).find(({ id }) => id === replyId)).toMatchObject({ content: '' })
    const late = await openTalk(parley.url, { userId: talk.userId, sessionId: talk.sessionId })
    expect(late.joined.live).toBeNull()
    expect(model.requests).toHaveLength(1)
    await talk.end(await talk.say('And now?'))
    expect(JSON.stringify(model.requests.at(-1)?.body)).not.toContain('that.')
  })

  it('[R6] a reply that was stopped is judged as well', async () => {
    const { model, open } = stage()
    const talk = await open()
    model.behave(hangAfter('fuck ', 'and more'), 1)
    const replyId = await talk.say('Tell me')
    await talk.heard(replyId, 'fuck ')
    expect(dataOf(await talk.ask('chat:stop', { sessionId: talk.sessionId, replyId }))).toMatchObject({
      status: 'blocked',
      content: '',
    })
  })
})

describe('moderation of an answer by a service that is away', () => {
  const stage = useStage({ MODERATION: 'openai' })

  it('case g1: is no free pass: failed, to be asked again, and withdrawn', async () => {
    const { model, open } = stage()
    const talk = await open()
    model.behave(moderate('pass'), 1)
    model.behave(moderate(401))
    const replyId = await talk.say('Hello')
    expect(await talk.end(replyId)).toMatchObject({
      status: 'failed',
      content: '',
      error: 'AI_UNAVAILABLE',
    })
    model.behave(moderate('pass'))
    const again = await talk.ask('chat:regenerate', { sessionId: talk.sessionId, messageId: replyId })
    const { id } = dataOf(again).change.messages.find(({ status }) => status === 'live') ?? { id: '' }
    expect(await talk.end(id)).toMatchObject({ status: 'complete', content: 'You said: Hello' })
  })
})

describe('MODERATION_ON_ERROR=allow', () => {
  const stage = useStage({ MODERATION: 'openai', MODERATION_ON_ERROR: 'allow' })

  it('case g1: lets pass what could not be judged, and says so in the log; what is flagged is refused', async () => {
    const { model, open, parley } = stage()
    const talk = await open()
    model.behave(moderate(401))
    expect(await talk.end(await talk.say('Hello'))).toMatchObject({ status: 'complete' })
    const passed = () => parley.logged.filter(({ message }) => message.includes('without moderation'))
    expect(passed()).toHaveLength(2)
    model.behave(moderate('flag'))
    expect(errorOf(await send(talk, 'something bad')).error).toBe('MODERATION_FAILED')
  })
})
