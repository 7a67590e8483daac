import { isRetryable } from '@parley/protocol'
import { describe, expect, it } from 'vitest'
import { say } from '../model-server/behaviour.ts'
import { moderate } from '../model-server/strictness.ts'
import { byHand } from './by-hand.ts'
import { useStage } from './stage.ts'
import { dataOf, errorOf, nobodyYet, replyIdOf, type Talk } from './talk.ts'

const newest = (body: { readonly messages: readonly { readonly content: string }[] }) =>
  body.messages.at(-1)?.content

const stage = useStage({ MODERATION: 'openai' })

describe('[M2] one turn for one id', () => {
  const send = (talk: Talk, content: string, clientMessageId?: string) =>
    talk.ask('chat:message', { sessionId: talk.sessionId, content, clientMessageId })
  const chats = () => stage().model.requests.filter(({ path }) => path.endsWith('/chat/completions'))

  it('case d1: the same message twice at once, and again later, is one row and one call of the model', async () => {
    const userId = nobodyYet()
    const { open } = stage()
    const [talk, other] = [await open({ userId }), await open({ userId })]
    const before = chats().length
    const both = await Promise.all([send(talk, 'Hello', 'm-1'), send(other, 'Hello', 'm-1')])
    const [one, two] = both.map(dataOf)
    expect(
      both
        .map(dataOf)
        .map(({ duplicate }) => duplicate)
        .sort(),
    ).toEqual([false, true])
    if (!one || !two) throw new Error('both were answered')
    const replyId = replyIdOf(one)
    expect(replyIdOf(two)).toBe(replyId)
    await talk.end(replyId)
    const again = dataOf(await send(talk, 'Hello', 'm-1'))
    expect(again).toMatchObject({ duplicate: true, change: { prevRevision: 1, revision: 3 } })
    expect(replyIdOf(again)).toBe(replyId)
    expect((await talk.rows()).map(({ sender }) => sender)).toEqual(['ai', 'user', 'ai'])
    expect(talk.responses()).toHaveLength(1)
    expect(chats().length - before).toBe(1)
  })

  it('a repeat whose moderation now fails finds what was committed; a new message is refused', async () => {
    const { model, open } = stage()
    const talk = await open()
    const first = dataOf(await send(talk, 'Hello', 'm-2'))
    await talk.end(replyIdOf(first))
    for (const outcome of ['flag', 400] as const) {
      model.behave(moderate(outcome))
      const repeat = dataOf(await send(talk, 'Hello', 'm-2'))
      expect(repeat.duplicate).toBe(true)
      expect(replyIdOf(repeat)).toBe(replyIdOf(first))
    }
    model.behave(moderate('flag'))
    expect(errorOf(await send(talk, 'Hello', 'm-3')).error).toBe('MODERATION_FAILED')
    expect(await talk.rows()).toHaveLength(3)
  })

  it('the same words without an id are two messages', async () => {
    const talk = await stage().open()
    const ids = [await talk.say('Hello'), await talk.say('Hello')]
    for (const id of ids) await talk.end(id)
    expect(new Set(ids).size).toBe(2)
    expect(await talk.rows()).toHaveLength(5)
  })

  it('the same id in two sessions is two messages', async () => {
    const userId = nobodyYet()
    const { open } = stage()
    const talks = [await open({ userId }), await open({ userId, fresh: true })]
    for (const talk of talks) {
      const sent = dataOf(await send(talk, 'Hello', 'm-4'))
      expect(sent.duplicate).toBe(false)
      await talk.end(replyIdOf(sent))
    }
  })
})

describe('[M4] turns in a row', () => {
  it('four quick ones: the first is answered, three wait in order; a fifth is BUSY and stores nothing', async () => {
    const { model, open } = stage()
    const talk = await open()
    const hand = byHand()
    model.behave(hand.behaviour)
    const { sessionId } = talk
    const words = ['one', 'two', 'three', 'four']
    const acks = await Promise.all(
      words.map((content) => talk.ask('chat:message', { sessionId, content, clientMessageId: content })),
    )
    const replies = acks
      .map(dataOf)
      .map(({ change }) => change.messages.find(({ sender }) => sender === 'ai'))
    expect(replies.map((reply) => reply?.status)).toEqual(['live', 'waiting', 'waiting', 'waiting'])

    const busy = errorOf(
      await talk.ask('chat:message', { sessionId, content: 'five', clientMessageId: 'five' }),
    )
    expect(busy).toMatchObject({ error: 'BUSY', clientMessageId: 'five', retryAfterMs: expect.any(Number) })
    expect(isRetryable(busy.error)).toBe(true)
    // What was accepted before is not refused now.
    const repeat = await talk.ask('chat:message', { sessionId, content: 'four', clientMessageId: 'four' })
    expect(dataOf(repeat).duplicate).toBe(true)
    expect(await talk.rows()).toHaveLength(9)

    for (const word of words) {
      const answer = await hand.next()
      expect(newest(answer.request.body)).toBe(word)
      answer.say(`Re: ${word}`)
      answer.finish()
    }
    for (const reply of replies) await talk.end(reply?.id ?? '')
    expect((await talk.rows()).slice(1).map(({ content }) => content)).toEqual(
      words.flatMap((word) => [word, `Re: ${word}`]),
    )
    // The same message that was refused goes through now.
    const fifth = dataOf(
      await talk.ask('chat:message', { sessionId, content: 'five', clientMessageId: 'five' }),
    )
    expect(fifth.duplicate).toBe(false)
    const last = await hand.next()
    last.say('Re: five')
    last.finish()
    await talk.end(replyIdOf(fifth))
  })

  it('[R1] a turn that waited is asked with the reply before it', async () => {
    const { model, open } = stage()
    const talk = await open()
    const hand = byHand()
    model.behave(hand.behaviour)
    await talk.say('one')
    const second = await talk.say('two')
    const first = await hand.next()
    first.say('the first ')
    first.say('answer')
    first.finish()
    const answer = await hand.next()
    expect(answer.request.body.messages.slice(-3)).toMatchObject([
      { role: 'user', content: 'one' },
      { role: 'assistant', content: 'the first answer' },
      { role: 'user', content: 'two' },
    ])
    answer.say('ok')
    answer.finish()
    await talk.end(second)
  })
})

describe('[M3] what another socket of the session hears', () => {
  it('turns and ends form one chain of revisions without a gap, and the sender hears no turn of its own', async () => {
    const { model, open } = stage()
    const userId = nobodyYet()
    const [talk, other] = [await open({ userId }), await open({ userId })]
    model.behave(say('Yes.', { delayMs: 3 }))
    const ids = await Promise.all(['a', 'b', 'c'].map((word) => talk.say(word)))
    for (const id of ids) await other.end(id)

    let revision = other.joined.session.revision
    const changes = other.plain.frames.flatMap(({ event, args }) =>
      event === 'chat:message' || event === 'chat:response' ? args : [],
    )
    expect(changes).toHaveLength(6)
    for (const payload of changes) {
      expect(payload).toMatchObject({ change: { prevRevision: revision } })
      revision = Reflect.get(Object(Reflect.get(Object(payload), 'change')), 'revision')
    }
    const { session } = dataOf(await talk.ask('chat:join', { personaId: 'wren' }))
    expect(session.revision).toBe(revision)
    expect(talk.turns()).toEqual([])
    expect(other.turns().map(({ change }) => change.messages.length)).toEqual([2, 2, 2])
  })
})

describe('[M5] what may be said', () => {
  it.for([
    ['nothing', ''],
    ['white space', ' \n\t\u3000 '],
    ['what is drawn as nothing', '\u200b\u2060\u3164'],
    ['U+0000 alone', '\0\0'],
    ['8,001 characters', '😀'.repeat(8_001)],
  ] as const)('%s → INVALID_PAYLOAD, nothing stored', async ([, content]) => {
    const talk = await stage().open()
    const answer = await talk.plain.ask('chat:message', { sessionId: talk.sessionId, content })
    expect(answer).toMatchObject({ ok: false, error: { error: 'INVALID_PAYLOAD', path: 'content' } })
    expect(await talk.rows()).toHaveLength(1)
  })

  it.for([
    ['case c1: U+0000 is removed', 'a\0b', 'ab'],
    ['case c2: a lone surrogate is replaced', 'a\ud83d b', 'a\ufffd b'],
    ['8,000 characters of two units', '😀'.repeat(8_000), '😀'.repeat(8_000)],
  ] as const)('%s, in the ack, the database, the prompt and the reply alike', async ([, content, kept]) => {
    const { model, open } = stage()
    const talk = await open()
    const sent = await talk.plain.ask('chat:message', { sessionId: talk.sessionId, content })
    expect(sent).toMatchObject({ ok: true, data: { change: { messages: [{ content: kept }, {}] } } })
    const page = await talk.rows()
    expect(page[1]?.content).toBe(kept)
    const end = await talk.end(page[1]?.replyId ?? '')
    const asked = model.requests.findLast(({ path }) => path.endsWith('/chat/completions'))
    expect(newest(asked?.body ?? { messages: [] })).toBe(kept)
    expect(end).toMatchObject({ status: 'complete', content: `You said: ${kept}` })
  })
})
