import { describe, expect, it } from 'vitest'
import { echo, say } from '../model-server/behaviour.ts'
import { moderate } from '../model-server/strictness.ts'
import { byHand } from './by-hand.ts'
import { useStage } from './stage.ts'
import { dataOf, errorOf, nobodyYet, rowOf, type Talk } from './talk.ts'
import { until } from './until.ts'

const long = Array.from({ length: 200 }, (_, index) => `word-${index} `).join('')

const stage = useStage({ MODERATION: 'openai' })

const chats = () => stage().model.requests.filter(({ path }) => path.endsWith('/chat/completions'))
const lastPrompt = () =>
  chats()
    .at(-1)
    ?.body.messages.slice(2)
    .map(({ content }) => content)

const edit = (talk: Talk, messageId: string, content: string, clientMessageId?: string) =>
  talk.ask('chat:edit', { sessionId: talk.sessionId, messageId, content, clientMessageId })
const regenerate = (talk: Talk, messageId: string, clientRequestId?: string) =>
  talk.ask('chat:regenerate', { sessionId: talk.sessionId, messageId, clientRequestId })
const select = (talk: Talk, messageId: string) =>
  talk.ask('chat:select', { sessionId: talk.sessionId, messageId })

const contents = async (talk: Talk) => (await talk.rows()).slice(1).map(({ content }) => content)

/** Two sockets of one person, and one turn that was answered. */
async function answered(content = 'first') {
  const userId = nobodyYet()
  const [talk, other] = [await stage().open({ userId }), await stage().open({ userId })]
  const replyId = await talk.say(content)
  const { parentId } = await talk.end(replyId)
  await other.end(replyId)
  return { talk, other, replyId, messageId: parentId ?? '' }
}

/** The reply that a change begins. */
function begun({ change }: { change: { session: { activeLeafId: string | null } } }): string {
  return change.session.activeLeafId ?? ''
}

describe('[M6] chat:edit', () => {
  it('answers what is said instead, from its own ancestors, and keeps what was there', async () => {
    const { talk, other, messageId, replyId } = await answered()
    const second = await talk.say('second')
    await talk.end(second)
    const ack = dataOf(await edit(talk, messageId, 'better'))
    await talk.end(begun(ack))
    expect(lastPrompt()).toEqual(['better'])
    expect(await contents(talk)).toEqual(['better', 'You said: better'])
    expect(other.turns().at(-1)).toEqual({ sessionId: talk.sessionId, change: ack.change })
    await other.end(begun(ack))
    expect(await other.rows()).toEqual(await talk.rows())
    for (const one of [talk, other]) expect(one.sessions().at(-1)).toEqual(ack.change.session)

    dataOf(await select(talk, messageId))
    expect(await contents(talk)).toEqual(['first', 'You said: first', 'second', 'You said: second'])
    expect((await talk.rows())[2]?.id).toBe(replyId)
  })

  it('[R6] in mid-reply closes the call upstream, keeps what was shown everywhere, and answers anew', async () => {
    const userId = nobodyYet()
    const [talk, other] = [await stage().open({ userId }), await stage().open({ userId })]
    stage().model.behave(say(long, { delayMs: 5 }))
    const replyId = await talk.say('Talk to me')
    const waiting = await talk.say('And on')
    await talk.heard(replyId, 'word-0 word-1 ')
    const request = chats().at(-1)
    stage().model.behave(echo())
    const messageId = (await talk.rows())[1]?.id
    const ack = dataOf(await edit(talk, messageId ?? '', 'Be short'))
    expect(await request?.ended).toBe('left')
    const stopped = ack.change.messages.filter(({ status }) => status === 'stopped')
    expect(stopped.map(({ id }) => id)).toEqual([replyId, waiting])
    for (const one of [talk, other]) {
      expect(rowOf(await one.end(replyId))).toEqual(stopped[0])
      expect(await one.end(waiting)).toMatchObject({ status: 'stopped', content: '' })
      expect(await one.end(begun(ack))).toMatchObject({ status: 'complete', content: 'You said: Be short' })
      const { content } = rowOf(await one.end(replyId))
      expect(long.startsWith(content)).toBe(true)
      // Nothing that anybody was shown is missing, and nothing came after the end.
      expect(content.startsWith(one.text(replyId))).toBe(true)
      const frames = one.plain.frames.map(({ event, args }) => ({ event, text: JSON.stringify(args) }))
      const end = frames.findIndex(({ event, text }) => event === 'chat:response' && text.includes(replyId))
      expect(
        frames.slice(end).some(({ event, text }) => event === 'chat:delta' && text.includes(replyId)),
      ).toBe(false)
      expect(one.errors()).toEqual([])
    }
    const later = await stage().open({ userId })
    expect(later.joined.messages).toEqual(await talk.rows())
  })
})

describe('[M6] chat:edit that adds nothing', () => {
  it('refused by moderation leaves everything as it is, the live reply too', async () => {
    const { model, open } = stage()
    const talk = await open()
    const hand = byHand()
    model.behave(hand.behaviour)
    const replyId = await talk.say('first')
    const answer = await hand.next()
    answer.say('Half ')
    await talk.heard(replyId, 'Half ')
    const messageId = (await talk.rows())[1]?.id ?? ''
    model.behave(moderate('flag'))
    expect(errorOf(await edit(talk, messageId, 'bad')).error).toBe('MODERATION_FAILED')
    model.behave(moderate('pass'))
    expect(errorOf(await edit(talk, replyId, 'not mine')).error).toBe('MESSAGE_NOT_FOUND')
    answer.say('and whole.')
    answer.finish()
    expect(await talk.end(replyId)).toMatchObject({ status: 'complete', content: 'Half and whole.' })
    expect(talk.text(replyId)).toBe('Half and whole.')
  })

  it('[M2] twice at once and again later, moderation refusing: one row, one call of the model', async () => {
    const { talk, other, messageId } = await answered()
    const before = chats().length
    const acks = (
      await Promise.all([edit(talk, messageId, 'better', 'e'), edit(other, messageId, 'better', 'e')])
    ).map(dataOf)
    expect(acks.map(({ duplicate }) => duplicate).sort()).toEqual([false, true])
    const ids = acks.map(begun)
    expect(ids[0]).toBe(ids[1])
    await talk.end(ids[0] ?? '')
    stage().model.behave(moderate('flag'))
    const again = dataOf(await edit(talk, messageId, 'better', 'e'))
    expect(again.duplicate).toBe(true)
    expect(again.change.messages.map(({ content }) => content)).toEqual(['better', 'You said: better'])
    expect(chats().length - before).toBe(1)
  })
})

describe('[M6] chat:regenerate', () => {
  it('answers anew from the same ancestors; the earlier reply stays beside it on every socket', async () => {
    const { talk, other, messageId, replyId } = await answered()
    stage().model.behave(say('Otherwise.'))
    const ack = dataOf(await regenerate(talk, replyId))
    const anew = rowOf(await talk.end(begun(ack)))
    expect(lastPrompt()).toEqual(['first'])
    expect(anew).toMatchObject({ content: 'Otherwise.', parentId: messageId, siblingIds: [replyId, anew.id] })
    expect(ack.change.messages).toMatchObject([
      { id: replyId, content: 'You said: first', siblingIds: [replyId, anew.id] },
      { id: anew.id },
    ])
    await other.end(anew.id)
    expect(await contents(other)).toEqual(['first', 'Otherwise.'])
    await talk.end(await talk.say('next'))
    expect(lastPrompt()).toEqual(['first', 'Otherwise.', 'next'])
  })

  it('[M2] of one request id: one reply and one call of the model', async () => {
    const { talk, other, replyId } = await answered()
    const before = chats().length
    const acks = (await Promise.all([regenerate(talk, replyId, 'r'), regenerate(other, replyId, 'r')])).map(
      dataOf,
    )
    expect(acks.map(({ duplicate }) => duplicate).sort()).toEqual([false, true])
    await talk.end(begun(acks[0] ?? { change: { session: { activeLeafId: null } } }))
    expect(dataOf(await regenerate(talk, replyId, 'r')).duplicate).toBe(true)
    expect(chats().length - before).toBe(1)
    expect((await talk.rows()).at(-1)?.siblingIds).toHaveLength(2)
  })

  it('of a greeting is refused', async () => {
    const { talk } = await answered()
    const greeting = talk.joined.messages[0]?.id ?? ''
    expect(errorOf(await regenerate(talk, greeting)).error).toBe('MESSAGE_NOT_FOUND')
  })
})

describe('[M6] chat:select', () => {
  it('shows the other branch to everybody; what is said next follows it', async () => {
    const { talk, other, replyId } = await answered()
    await talk.end(begun(dataOf(await regenerate(talk, replyId))))
    const ack = dataOf(await select(other, replyId))
    expect(ack.change.session.activeLeafId).toBe(replyId)
    expect(ack.messages).toEqual(await talk.rows())
    expect(talk.turns().at(-1)?.change).toEqual(ack.change)
    await until(() => talk.sessions().at(-1)?.activeLeafId === replyId)
    const { revision } = ack.change
    const missed = dataOf(
      await talk.ask('chat:sync', { sessionId: talk.sessionId, afterRevision: revision - 1 }),
    )
    expect(missed).toMatchObject({ reset: false, change: { session: ack.change.session, messages: [] } })
    await talk.end(await talk.say('next'))
    expect(lastPrompt()).toEqual(['first', 'You said: first', 'next'])
  })

  it('of what is shown stops nothing; of another branch stops the live reply with its text', async () => {
    const { model } = stage()
    const { talk, other, replyId } = await answered()
    const hand = byHand()
    model.behave(hand.behaviour)
    const live = begun(dataOf(await regenerate(talk, replyId)))
    const answer = await hand.next()
    answer.say('Half')
    await talk.heard(live, 'Half')
    const same = dataOf(await select(talk, live))
    expect(same.change.revision).toBe(same.change.prevRevision)
    answer.say(' more')
    await talk.heard(live, 'Half more')
    dataOf(await select(other, replyId))
    for (const one of [talk, other]) {
      expect(await one.end(live)).toMatchObject({ status: 'stopped', content: 'Half more' })
    }
    expect(await answer.request.ended).toBe('left')
  })
})
