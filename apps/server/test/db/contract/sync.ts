import { limits, type Message } from '@parley/protocol'
import { expect, it } from 'vitest'
import { finish, piece, type Stage, say, sayLive, sure } from '../stage.ts'

/** Reading what was missed. */
export function syncContract(stage: () => Stage): void {
  it('[S1] what was missed since any revision, put over what was held, is what a join reads', async () => {
    const { store, session } = stage()
    const owned = await session()
    const { userId, sessionId } = owned
    const held = [sure(await store.snapshot(userId, sessionId))]
    const keep = async () => void held.push(sure(await store.snapshot(userId, sessionId)))
    const first = await sayLive(store, owned, 'one')
    await keep()
    const second = await say(store, owned, 'two')
    await keep()
    const third = await say(store, owned, 'three')
    await keep()
    await store.stopReply(userId, sessionId, second.reply.id)
    await keep()
    const { next } = await finish(store, first.job, 'answer')
    await keep()
    await store.flush([piece(sure(next), 0, 'part')])
    await say(store, owned, 'four')
    const now = sure(await store.snapshot(userId, sessionId))
    expect(now.live).toEqual({ replyId: third.reply.id, epoch: 1, text: 'part' })

    for (const old of [...held, now]) {
      const result = sure(await store.sync(userId, sessionId, old.session.revision))
      if (result.reset) throw new Error('nothing was to be reset')
      const { change, live } = result
      expect(change).toMatchObject({ prevRevision: old.session.revision, revision: now.session.revision })
      expect({
        ...now,
        session: change.session,
        live,
        messages: over(old.messages, change.messages),
      }).toEqual(now)
    }
  })

  it('[S1] a sync that is not behind changes nothing', async () => {
    const { store, session } = stage()
    const { userId, sessionId } = await session()
    const now = sure(await store.snapshot(userId, sessionId))
    expect(await store.sync(userId, sessionId, 1)).toEqual({
      reset: false,
      live: null,
      change: { prevRevision: 1, revision: 1, session: now.session, messages: [] },
    })
  })

  it('[S1] a sync whose texts are long starts over, so that an answer stays of a size', async () => {
    const { store, session } = stage()
    const owned = await session()
    const long = '🦉'.repeat(60_000)
    for (let n = 0; n < 4; n++) await finish(store, (await sayLive(store, owned, `turn ${n}`)).job, long)
    const { userId, sessionId } = owned
    expect(await store.sync(userId, sessionId, 1)).toMatchObject({ reset: true, hasMore: true })
    expect(await store.sync(userId, sessionId, 7)).toMatchObject({ reset: false })
  })

  it('[S1] after more changes than the limit, or from a revision to come, a sync starts over', async () => {
    const { store, session, database } = stage()
    const owned = await session()
    const { userId, sessionId } = owned
    await say(store, owned, 'hi')
    const revision = limits.syncChanges + 50
    await database.prisma.chatSession.update({ where: { id: sessionId }, data: { revision } })
    const now = sure(await store.snapshot(userId, sessionId))
    const fresh = { reset: true, ...now }
    expect(await store.sync(userId, sessionId, 49)).toEqual(fresh)
    expect(await store.sync(userId, sessionId, revision + 1)).toEqual(fresh)
    expect(await store.sync(userId, sessionId, 50)).toMatchObject({
      reset: false,
      change: { prevRevision: 50, revision, messages: [] },
    })
  })
}

/** Rows put over rows, in order of `seq`. */
function over(old: readonly Message[], newer: readonly Message[]): Message[] {
  const rows = new Map([...old, ...newer].map((message) => [message.id, message]))
  return [...rows.values()].sort((a, b) => a.seq - b.seq)
}
