import { expect, it } from 'vitest'
import { ended, finish, piece, type Stage, said, say, sayLive, sure } from '../stage.ts'
import { BUDGET, purseOf, REPLY, refusal } from './purse.ts'

const DAY = 86_400_000

/** What a person may spend of the model within a day. */
export function spendContract(stage: () => Stage): void {
  countingContract(stage)
  refusalContract(stage)
  roomContract(stage)
}

function countingContract(stage: () => Stage): void {
  const { limited, rows } = purseOf(stage)

  it('a reply holds the most that it can cost, and its end counts what it did, once', async () => {
    const store = limited()
    const owned = await stage().session()
    const { job } = await sayLive(store, owned, 'Count, please')
    const { held, days } = await rows(owned.userId)
    // No text has more tokens than bytes: instructions, greeting and question.
    const bytes = Buffer.byteLength('Count.Hello 👋Count, please')
    expect(held).toMatchObject([{ replyId: job.replyId, promptTokens: Math.ceil(bytes / 3) + 32 }])
    expect(Number(held[0]?.tokens)).toBe(bytes + 32 + REPLY)
    expect(days).toEqual([])

    await store.finishReply({ ...ended(job, 'One.'), tokens: 41 })
    await store.finishReply({ ...ended(job, 'One.'), tokens: 41 })
    expect(await rows(owned.userId)).toEqual({ days: [41], held: [] })
    const next = await sayLive(store, owned)
    await store.finishReply({ ...ended(next.job, 'Two.'), tokens: 1 })
    expect(await rows(owned.userId)).toEqual({ days: [42], held: [] })
  })

  it('without a budget, and for a demo, nothing is held or counted; a person who goes leaves nothing', async () => {
    const owned = await stage().session()
    const free = [
      limited(0, 10),
      limited(0, 0),
      stage().otherStore({ spend: { guest: 1, account: 1, reply: 1 }, demo: true }),
    ]
    for (const store of free) {
      const { job } = await sayLive(store, owned)
      await finish(store, job)
    }
    expect(await rows(owned.userId)).toEqual({ days: [], held: [] })
    const store = limited()
    await finish(store, (await sayLive(store, owned)).job)
    await sayLive(store, owned)
    expect(await rows(owned.userId)).toMatchObject({ days: [5], held: [{}] })
    await stage().database.prisma.user.delete({ where: { id: owned.userId } })
    expect(await rows(owned.userId)).toEqual({ days: [], held: [] })
  })
}

function refusalContract(stage: () => Stage): void {
  const { limited, spent, dayAgo } = purseOf(stage)

  it('nothing is begun, nor stored, above the budget; what was committed is found; the next day all is as before', async () => {
    const store = limited()
    const owned = await stage().session()
    const first = await say(store, owned, 'first', 'said')
    await finish(store, sure(first.job))
    await spent(owned.userId, BUDGET)
    const before = await store.snapshot(owned.userId, owned.sessionId)

    const send = said(owned, 'more', 'one-more')
    const regeneration = { ...owned, shown: [], messageId: first.reply.id, clientRequestId: 'again' }
    const edit = {
      ...owned,
      shown: [],
      messageId: first.message.id,
      content: 'else',
      clientMessageId: 'else',
    }
    const refused = await store.commitTurn(send)
    expect(refused).toEqual(refusal)
    if (refused.outcome !== 'spent') throw new Error('it was not refused')
    expect(refused.retryAfterMs).toBeGreaterThan(0)
    expect(refused.retryAfterMs).toBeLessThanOrEqual(DAY)
    expect(new Date(Date.now() + refused.retryAfterMs).getUTCHours() % 23).toBe(0)
    expect(await store.regenerate(regeneration)).toEqual(refusal)
    expect(await store.editMessage(edit)).toEqual(refusal)
    expect(await store.snapshot(owned.userId, owned.sessionId)).toEqual(before)
    expect(await store.commitTurn(said(owned, 'first', 'said'))).toMatchObject({ outcome: 'duplicate' })
    const foreign = { ...owned, sessionId: 'nobody' }
    expect(await store.commitTurn(said(foreign, 'x'))).toEqual({ outcome: 'not_found' })

    await dayAgo(owned.userId)
    expect(await store.editMessage(edit)).toMatchObject({ outcome: 'committed' })
    expect(await store.regenerate(regeneration)).toMatchObject({ outcome: 'committed' })
    expect(await store.commitTurn(send)).toMatchObject({ outcome: 'committed' })
  })
}

function roomContract(stage: () => Stage): void {
  const { limited, rows, spent, other } = purseOf(stage)

  it('a reply that holds all that is left lets no other begin, which is busy and no refusal for the day', async () => {
    const store = limited(BUDGET)
    const owned = await stage().session()
    await spent(owned.userId, BUDGET - 1)
    const { job } = await sayLive(store, owned)
    const second = await other(store, owned.userId)
    expect(await store.commitTurn(said(second, 'hi'))).toEqual({ outcome: 'busy' })
    await store.finishReply({ ...ended(job, 'x'), tokens: 0 })
    expect(await store.commitTurn(said(second, 'hi'))).toMatchObject({ outcome: 'committed' })
  })

  it('a reply that a new branch ends is counted by its text, and makes room for the new one', async () => {
    const store = limited()
    const owned = await stage().session()
    await spent(owned.userId, BUDGET - 60)
    const { job, message } = await sayLive(store, owned, 'hi')
    const promptTokens = sure((await rows(owned.userId)).held[0]).promptTokens
    expect(promptTokens).toBeLessThan(50)
    await store.flush([piece(job, 0, 'ninebytes')])
    const edit = { ...owned, shown: [], messageId: message.id, content: 'ho', clientMessageId: null }
    const edited = await store.editMessage(edit)
    expect(edited).toMatchObject({ outcome: 'committed', stopped: [job.replyId] })
    expect((await rows(owned.userId)).days).toEqual([BUDGET - 60 + promptTokens + 3])
    expect((await rows(owned.userId)).held).toHaveLength(1)

    // What its own process has shown of it is more than was saved, and leaves no room.
    if (edited.outcome !== 'committed') throw new Error('not edited')
    const shown = [{ ...edited.job, text: 'x'.repeat(300) }]
    expect(await store.editMessage({ ...edit, shown })).toEqual(refusal)
    expect(await store.flush([piece(edited.job, 0, 'still mine')])).toEqual(
      new Map([[edited.job.replyId, 'held']]),
    )
  })
}
