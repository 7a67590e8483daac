import { limits, type Message } from '@parley/protocol'
import { beforeAll, describe, expect, it } from 'vitest'
import { echo } from '../model-server/behaviour.ts'
import { byHand } from './by-hand.ts'
import { useStage } from './stage.ts'
import { dataOf, errorOf, nobodyYet, type Talk } from './talk.ts'

const stage = useStage()

const sync = (talk: Talk, afterRevision: number) =>
  talk.ask('chat:sync', { sessionId: talk.sessionId, afterRevision })

/** What a client holds after it applied missed changes to what it had. */
function replayed(held: readonly Message[], missed: readonly Message[]): Message[] {
  const rows = new Map([...held, ...missed].map((row) => [row.id, row]))
  return [...rows.values()].sort((a, b) => a.seq - b.seq)
}

describe('[S1] sync', () => {
  it('from every revision on gives what a fresh join gives, live reply included', async () => {
    const { model, open } = stage()
    const userId = nobodyYet()
    const talk = await open({ userId })
    const hand = byHand()
    const snapshots = [talk.joined]
    const look = async () => snapshots.push((await open({ userId })).joined)
    await talk.end(await talk.say('one'))
    await look()
    model.behave(hand.behaviour)
    const live = await talk.say('two')
    await look()
    await talk.say('three')
    await look()
    const answer = await hand.next()
    answer.say('In the ')
    await talk.heard(live, 'In the ')
    const stopped = await talk.say('four')
    await talk.ask('chat:stop', { sessionId: talk.sessionId, replyId: stopped })
    await look()

    const fresh = (await open({ userId })).joined
    expect(fresh.live).toEqual({ replyId: live, epoch: 1, text: 'In the ' })
    for (const { session, messages } of snapshots) {
      const missed = dataOf(await sync(talk, session.revision))
      if (missed.reset) throw new Error('so few changes need no reset')
      expect(missed.live).toEqual(fresh.live)
      expect(missed.change).toMatchObject({ prevRevision: session.revision, session: fresh.session })
      expect(replayed(messages, missed.change.messages)).toEqual(fresh.messages)
    }
    answer.finish()
    await talk.end(live)
  })
})

describe('[S1] a long session', () => {
  let talk: Talk
  const turns = 70

  beforeAll(async () => {
    const { model, open } = stage()
    model.behave(echo())
    talk = await open()
    for (let n = 1; n <= turns; n++) await talk.end(await talk.say(`turn ${n}`))
  })

  it('more than 200 missed changes, or a revision from the future: reset, as a fresh join', async () => {
    const { joined } = await stage().open({ userId: talk.userId })
    const { session, messages, hasMore } = joined
    const fresh = { reset: true, session, messages, hasMore, live: null }
    expect(dataOf(await sync(talk, session.revision - limits.syncChanges - 1))).toEqual(fresh)
    expect(dataOf(await sync(talk, session.revision + 1))).toEqual(fresh)
    const most = dataOf(await sync(talk, session.revision - limits.syncChanges))
    expect(most).toMatchObject({ reset: false })
    expect(dataOf(await sync(talk, session.revision))).toMatchObject({
      reset: false,
      change: { messages: [] },
    })
  })

  it('paging back from a join meets every message once, in order, down to the greeting', async () => {
    const { joined } = await stage().open({ userId: talk.userId })
    expect(joined.messages).toHaveLength(limits.pageMessages)
    const pages = [joined.messages]
    for (let more = joined.hasMore; more; ) {
      const beforeSeq = pages[0]?.[0]?.seq
      const page = dataOf(await talk.ask('chat:history', { sessionId: talk.sessionId, beforeSeq, limit: 40 }))
      pages.unshift(page.messages)
      more = page.hasMore
    }
    const said = Array.from({ length: turns }, (_, index) => `turn ${index + 1}`)
    expect(pages.flat().map(({ content }) => content)).toEqual([
      joined.persona.greeting,
      ...said.flatMap((content) => [content, `You said: ${content}`]),
    ])
    expect(pages.map(({ length }) => length)).toEqual([11, 40, 40, 50])
  })

  it('a place that is none of the session’s: MESSAGE_NOT_FOUND', async () => {
    const answer = await talk.ask('chat:history', { sessionId: talk.sessionId, beforeSeq: 999_999 })
    expect(errorOf(answer).error).toBe('MESSAGE_NOT_FOUND')
  })
})
