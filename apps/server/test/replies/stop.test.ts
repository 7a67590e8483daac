import { describe, expect, it } from 'vitest'
import { say } from '../model-server/behaviour.ts'
import { hang } from '../model-server/misbehaviour.ts'
import { byHand } from './by-hand.ts'
import { useStage } from './stage.ts'
import { dataOf, errorOf, nobodyYet, rowOf, type Talk } from './talk.ts'

const long = Array.from({ length: 200 }, (_, index) => `word-${index} `).join('')

const stage = useStage()

const stop = (talk: Talk, replyId: string) => talk.ask('chat:stop', { sessionId: talk.sessionId, replyId })

/** A reply that has begun to be heard. */
async function midReply() {
  const { model, open } = stage()
  const userId = nobodyYet()
  const [talk, other] = [await open({ userId }), await open({ userId })]
  model.behave(say(long, { delayMs: 5 }))
  const replyId = await talk.say('Talk to me')
  await talk.heard(replyId, 'word-0 word-1 ')
  return { talk, other, replyId, request: model.requests.at(-1) }
}

describe('[R6] stop of a reply in the middle', () => {
  it('case b7: in mid-reply ends the call upstream, and every socket and the database at one text', async () => {
    const { talk, other, replyId, request } = await midReply()
    const row = dataOf(await stop(talk, replyId))
    expect(row).toMatchObject({ id: replyId, status: 'stopped', error: null, finishReason: null })
    expect(row.content).toMatch(/^word-0 word-1 /)
    expect(long.startsWith(row.content)).toBe(true)
    expect(row.content).not.toBe(long)

    expect(await request?.ended).toBe('left')
    await request?.connectionClosed
    for (const one of [talk, other]) {
      expect(rowOf(await one.end(replyId))).toEqual(row)
      // Frames of one socket keep their order: what came after the end is here before this answer.
      expect(await one.rows()).toContainEqual(row)
      expect(one.text(replyId)).toBe(row.content)
      expect(one.plain.frames.at(-1)?.event).toBe('chat:response')
      expect(one.responses()).toHaveLength(1)
      expect(one.errors()).toEqual([])
    }
  })

  it('case b8: what was said until then is there for whoever joins later, marked stopped', async () => {
    const { talk, replyId } = await midReply()
    const row = dataOf(await stop(talk, replyId))
    const later = await stage().open({ userId: talk.userId })
    expect(later.joined.live).toBeNull()
    expect(later.joined.messages.at(-1)).toEqual(row)
  })

  it('from another socket of the same person', async () => {
    const { talk, other, replyId } = await midReply()
    const row = dataOf(await stop(other, replyId))
    expect(rowOf(await talk.end(replyId))).toEqual(row)
    expect(row.status).toBe('stopped')
  })

  it('twice at once and once more later: one end, the same row', async () => {
    const { talk, other, replyId } = await midReply()
    const [one, two] = await Promise.all([stop(talk, replyId), stop(other, replyId)])
    const three = await stop(talk, replyId)
    expect(dataOf(two)).toEqual(dataOf(one))
    expect(dataOf(three)).toEqual(dataOf(one))
    await talk.rows()
    expect(talk.responses()).toHaveLength(1)
  })
})

describe('[R6] stop of a reply that is not being heard', () => {
  it('of a reply that waits: ends empty at once, and is never asked of the model', async () => {
    const { model, open } = stage()
    const talk = await open()
    const hand = byHand()
    model.behave(hand.behaviour)
    const live = await talk.say('First')
    const waiting = await talk.say('Second')
    const answer = await hand.next()
    const before = model.requests.length
    expect(dataOf(await stop(talk, waiting))).toMatchObject({ status: 'stopped', content: '' })
    expect(await talk.end(waiting)).toMatchObject({ status: 'stopped', content: '' })
    answer.say('Done.')
    answer.finish()
    expect(await talk.end(live)).toMatchObject({ status: 'complete', content: 'Done.' })
    const third = await talk.say('Third')
    const next = await hand.next()
    expect(next.request.body.messages.slice(-2)).toMatchObject([
      { role: 'assistant', content: 'Done.' },
      { role: 'user', content: 'Second\n\nThird' },
    ])
    next.say('Yes.')
    next.finish()
    await talk.end(third)
    expect(model.requests.length - before).toBe(1)
  })

  it('of a reply that has ended: its saved row, nothing else', async () => {
    const { model, open } = stage()
    model.behave(say('Short.'))
    const talk = await open()
    const replyId = await talk.say('Hello?')
    const end = rowOf(await talk.end(replyId))
    expect(dataOf(await stop(talk, replyId))).toEqual(end)
    expect(end.status).toBe('complete')
    await talk.rows()
    expect(talk.responses()).toHaveLength(1)
  })

  it('before the model has said anything: stopped and empty', async () => {
    const { model, open } = stage()
    model.behave(hang())
    const talk = await open()
    const replyId = await talk.say('Hello?')
    expect(dataOf(await stop(talk, replyId))).toMatchObject({ status: 'stopped', content: '' })
    expect(talk.deltas(replyId)).toEqual([])
    const after = await talk.say('Still there?')
    expect(dataOf(await stop(talk, after))).toMatchObject({ status: 'stopped' })
  })
})

describe('[R6] stop by the wrong person', () => {
  it('[A2] by somebody else: the same answer as for what does not exist, and the reply goes on', async () => {
    const { talk, replyId } = await midReply()
    const stranger = await stage().open()
    const { sessionId } = talk
    const foreign = errorOf(await stranger.ask('chat:stop', { sessionId, replyId }))
    const madeUp = errorOf(await stranger.ask('chat:stop', { sessionId: 'made-up', replyId }))
    expect({ ...foreign, requestId: '' }).toEqual({ ...madeUp, requestId: '' })
    expect(foreign.error).toBe('SESSION_NOT_FOUND')
    // A reply of somebody else, in a session of one's own.
    expect(errorOf(await stop(stranger, replyId)).error).toBe('MESSAGE_NOT_FOUND')
    expect(await talk.end(replyId)).toMatchObject({ status: 'complete', content: long })
  })
})
