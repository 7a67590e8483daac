import { expect, it } from 'vitest'
import { finish, piece, type Stage, say, sayLive, sure } from '../stage.ts'

/** Stopping a reply. */
export function stopContract(stage: () => Stage): void {
  it('[R6] stopping a live reply is a fact that its owner reads with the next flush', async () => {
    const { store, session } = stage()
    const { userId, sessionId } = await session()
    const { job, change } = await sayLive(store, { userId, sessionId })
    expect(await store.stopReply(userId, sessionId, job.replyId)).toEqual({ outcome: 'live' })
    expect(await store.stopReply(userId, sessionId, job.replyId)).toEqual({ outcome: 'live' })
    expect((await store.flush([piece(job, 0, '')])).get(job.replyId)).toBe('stop')
    expect(sure(await store.snapshot(userId, sessionId)).session.revision).toBe(change.revision)
  })

  it('[R6] a waiting reply ends stopped and empty, and is never started', async () => {
    const { store, session } = stage()
    const owned = await session()
    const { job } = await sayLive(store, owned)
    const second = await say(store, owned, 'second')
    const third = await say(store, owned, 'third')
    const stopped = await store.stopReply(owned.userId, owned.sessionId, second.reply.id)
    expect(stopped).toMatchObject({
      outcome: 'cancelled',
      message: { id: second.reply.id, status: 'stopped', content: '', revision: 8 },
      change: { prevRevision: 7, revision: 8, messages: [] },
    })
    expect(await store.stopReply(owned.userId, owned.sessionId, second.reply.id)).toMatchObject({
      outcome: 'ended',
      message: { status: 'stopped' },
    })
    expect((await finish(store, job)).next).toMatchObject({ replyId: third.reply.id })
  })

  it('[R6] a reply that ended already answers with its saved row and stays as it is', async () => {
    const { store, session } = stage()
    const owned = await session()
    const { job } = await sayLive(store, owned)
    const { message } = await finish(store, job, 'all of it')
    const before = await store.snapshot(owned.userId, owned.sessionId)
    expect(await store.stopReply(owned.userId, owned.sessionId, job.replyId)).toEqual({
      outcome: 'ended',
      message,
    })
    expect(await store.snapshot(owned.userId, owned.sessionId)).toEqual(before)
  })

  it("[R6] a user's message, a reply of another session and a made-up one are not found", async () => {
    const { store, session } = stage()
    const [owned, other] = [await session(), await session()]
    const mine = await sayLive(store, owned)
    const theirs = await sayLive(store, other)
    for (const id of [mine.message.id, theirs.reply.id, 'nobody']) {
      expect(await store.stopReply(owned.userId, owned.sessionId, id)).toEqual({
        outcome: 'message_not_found',
      })
    }
    expect((await store.flush([piece(theirs.job, 0, '')])).get(theirs.reply.id)).toBe('held')
  })
}
