import { expect, it } from 'vitest'
import { ended, piece, type Stage, said, say, sayLive, sure } from '../stage.ts'
import { BUDGET, purseOf, refusal } from './purse.ts'

/** What becomes of a budget while replies wait, processes die and guests sign up. */
export function spendChangesContract(stage: () => Stage): void {
  waitingContract(stage)
  takeoverContract(stage)
}

function waitingContract(stage: () => Stage): void {
  const { limited, rows, spent, other } = purseOf(stage)

  it('replies that wait count when they start; without room they end as failed, one after the other', async () => {
    const store = limited()
    const owned = await stage().session()
    const { job } = await sayLive(store, owned, 'first')
    const waiting = [await say(store, owned, 'second'), await say(store, owned, 'third')]
    expect((await rows(owned.userId)).held).toHaveLength(1)
    const result = await store.finishReply({ ...ended(job, 'x'), tokens: BUDGET })
    expect(result).toMatchObject({ outcome: 'saved', next: null })
    const snapshot = sure(await store.snapshot(owned.userId, owned.sessionId))
    for (const { reply } of waiting) {
      const failed = { id: reply.id, status: 'failed', error: 'RATE_LIMITED', content: '' }
      expect(snapshot.messages.find(({ id }) => id === reply.id)).toMatchObject(failed)
      expect(result).toMatchObject({
        change: { messages: expect.arrayContaining([expect.objectContaining(failed)]) },
      })
    }
    expect(snapshot.session.revision).toBe(result.outcome === 'saved' ? result.change.revision : 0)
    expect(await rows(owned.userId)).toEqual({ days: [BUDGET], held: [] })
  })

  it('stranded replies wait while others hold what is left, start when there is room, and end when there is none', async () => {
    const store = limited()
    const owned = await stage().session()
    const strand = async () => {
      const { job } = await sayLive(store, owned, 'first')
      const { reply } = await say(store, owned, 'second')
      await store.finishReply({ ...ended(job, 'x'), tokens: 0 }, false)
      return reply.id
    }
    const started = async () =>
      (await store.startStranded(100)).filter(({ change }) => change.session.id === owned.sessionId)
    const one = await strand()
    const second = await other(store, owned.userId)
    await spent(owned.userId, BUDGET - 1)
    const holder = await sayLive(store, second)
    expect(await started()).toEqual([])
    await store.finishReply({ ...ended(holder.job, 'x'), tokens: 0 })
    const [start] = await started()
    expect(start).toMatchObject({ job: { replyId: one } })
    expect((await rows(owned.userId)).held).toHaveLength(1)
    await store.finishReply({ ...ended(sure(start?.job), 'x'), tokens: 0 })

    const two = await strand()
    await spent(owned.userId, BUDGET)
    const failed = { id: two, status: 'failed', error: 'RATE_LIMITED' }
    expect(await started()).toMatchObject([{ job: null, change: { messages: [failed] } }])
    expect(await started()).toEqual([])
  })
}

function takeoverContract(stage: () => Stage): void {
  const { limited, rows, spent, other } = purseOf(stage)

  it('[R4] whoever takes a reply over counts what the dead owner spent, and goes on only if there is room', async () => {
    const store = limited()
    const owned = await stage().session()
    const { job } = await sayLive(store, owned)
    const promptTokens = sure((await rows(owned.userId)).held[0]).promptTokens
    await store.flush([piece(job, 0, 'ninebytes')])
    const claim = async () => {
      await store.releaseReplies()
      const claimed = await limited().claimReplies({ limit: 100, held: [], alone: true })
      return sure(claimed.find(({ replyId }) => replyId === job.replyId))
    }
    const heir = await claim()
    expect(heir).toMatchObject({ overBudget: false, epoch: 2 })
    expect(await rows(owned.userId)).toMatchObject({
      days: [promptTokens + 3],
      held: [{ replyId: job.replyId }],
    })
    // The dead owner's end comes too late and counts nothing.
    expect(await store.finishReply({ ...ended(job, 'late'), tokens: 999 })).toEqual({ outcome: 'fenced' })
    await spent(owned.userId, BUDGET - 1)
    const last = await claim()
    expect(last).toMatchObject({ overBudget: true, epoch: 3, prefix: 'ninebytes' })
    const end = { ...ended(last, 'ninebytes'), status: 'failed', error: 'RATE_LIMITED', tokens: 0 } as const
    expect(await store.finishReply(end)).toMatchObject({ outcome: 'saved' })
    expect(await rows(owned.userId)).toEqual({ days: [BUDGET - 1 + promptTokens + 3], held: [] })
  })

  it('guests and accounts have a budget each; a guest takes what was spent and held along, and is charged no more', async () => {
    const store = limited(BUDGET, 10)
    const { prisma } = stage().database
    const guest = await stage().session()
    await prisma.user.update({ where: { id: guest.userId }, data: { isAnonymous: true } })
    const { job } = await sayLive(store, guest)
    const second = await other(store, guest.userId)
    expect(await store.commitTurn(said(second, 'hi'))).toEqual({ outcome: 'busy' })
    await spent(guest.userId, 10)
    expect(await store.commitTurn(said(second, 'hi'))).toEqual(refusal)
    const account = await stage().person()
    await spent(account, 5)
    const move = (last: boolean) =>
      prisma.$queryRaw`SELECT chat_move_guest_v1(${guest.userId}, ${account}, ${last})`
    await move(false)
    expect(await rows(account)).toMatchObject({ days: [15], held: [{ replyId: job.replyId }] })
    await store.finishReply({ ...ended(job, 'x'), tokens: 7 })
    await move(true)
    expect(await rows(account)).toEqual({ days: [22], held: [] })
    expect(await rows(guest.userId)).toEqual({ days: [], held: [] })
    const taken = said({ ...second, userId: account }, 'hi')
    expect(await store.commitTurn(taken)).toMatchObject({ outcome: 'committed' })
  })
}
