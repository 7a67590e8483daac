import { expect, it } from 'vitest'
import { ended, finish, piece, type Stage, say, sayLive, sure } from '../stage.ts'

/** Finishing a reply. */
export function endingContract(stage: () => Stage): void {
  savingContract(stage)
  againContract(stage)
}

function savingContract(stage: () => Stage): void {
  it('[R5] a finished reply holds its text and why it ended, and its saved pieces are gone', async () => {
    const { store, session, database } = stage()
    const owned = await session()
    const { job } = await sayLive(store, owned)
    await store.flush([piece(job, 0, 'so ')])
    const { message, change, next } = await finish(store, job, 'so far 🦉')
    expect(message).toMatchObject({
      id: job.replyId,
      content: 'so far 🦉',
      status: 'complete',
      finishReason: 'stop',
      revision: change.revision,
    })
    expect(change).toMatchObject({ prevRevision: 3, revision: 4, messages: [] })
    expect(next).toBeNull()
    const row = await database.prisma.message.findUnique({
      where: { id: job.replyId },
      include: { chunks: true },
    })
    expect(row).toMatchObject({ owner: null, leaseUntil: null, chunks: [] })
    expect(row).toMatchObject({ promptTokens: 3, completionTokens: 2 })
    expect(sure(await store.snapshot(owned.userId, owned.sessionId)).live).toBeNull()
  })

  it('[R5] a failed reply keeps its text and names its error; a demo stays marked', async () => {
    const { store, session } = stage()
    const { job } = await sayLive(store, await session())
    const failed = { status: 'failed', error: 'AI_TIMEOUT', finishReason: null, usage: null } as const
    const result = await store.finishReply({ ...ended(job, 'half'), ...failed, demo: true })
    expect(result).toMatchObject({
      outcome: 'saved',
      message: { status: 'failed', content: 'half', error: 'AI_TIMEOUT', finishReason: null, demo: true },
    })
  })

  it('[M4] finishing starts the next waiting reply in the same call, oldest first', async () => {
    const { store, session } = stage()
    const owned = await session()
    const { job } = await sayLive(store, owned, 'first')
    const second = await say(store, owned, 'second')
    const third = await say(store, owned, 'third')
    const { change, next } = await finish(store, job, 'answer')
    expect(change.messages).toEqual([
      { ...second.reply, status: 'live', revision: change.revision, siblingIds: [second.reply.id] },
    ])
    expect(next).toMatchObject({ replyId: second.reply.id, epoch: 1 })
    expect(sure(next).context.map(({ content }) => content)).toEqual(
      expect.arrayContaining(['first', 'answer', 'second']),
    )
    expect((await finish(store, sure(next))).next).toMatchObject({ replyId: third.reply.id })
  })
}

function againContract(stage: () => Stage): void {
  it('[R5] finishing again, after the answer was lost, gives the same answer and changes nothing', async () => {
    const { store, session } = stage()
    const owned = await session()
    const { job } = await sayLive(store, owned)
    await say(store, owned, 'second')
    const first = await finish(store, job, 'answer')
    const before = await store.snapshot(owned.userId, owned.sessionId)
    expect(await store.finishReply(ended(job, 'answer'))).toEqual(first)
    expect(await store.snapshot(owned.userId, owned.sessionId)).toEqual(before)
  })

  it('[R4] finishing a reply that is no longer ours is refused and changes nothing', async () => {
    const { store, session } = stage()
    const owned = await session()
    const { job } = await sayLive(store, owned)
    const wrong = [
      ended({ ...job, epoch: 0 }, 'x'),
      ended({ ...job, epoch: 2 }, 'x'),
      ended({ replyId: 'nobody', epoch: 1 }, 'x'),
    ]
    for (const end of wrong) expect(await store.finishReply(end)).toEqual({ outcome: 'fenced' })
    await finish(store, job, 'mine')
    const before = await store.snapshot(owned.userId, owned.sessionId)
    const other = [ended(job, 'other text'), { ...ended(job, 'mine'), status: 'stopped' as const }]
    for (const end of other) expect(await store.finishReply(end)).toEqual({ outcome: 'fenced' })
    expect(await store.snapshot(owned.userId, owned.sessionId)).toEqual(before)
  })

  it('[M4] replies that wait for nothing are started, each once', async () => {
    const { store, session, otherStore, database } = stage()
    const owned = await session()
    const { job } = await sayLive(store, owned)
    const waiting = await say(store, owned, 'second')
    // As a process leaves it that ends a reply without starting the next.
    await database.prisma.message.update({
      where: { id: job.replyId },
      data: { status: 'failed', owner: null, leaseUntil: null },
    })
    const started = await otherStore().startStranded(10)
    expect(started).toHaveLength(1)
    expect(started[0]).toMatchObject({
      change: { prevRevision: 5, revision: 6, messages: [{ id: waiting.reply.id, status: 'live' }] },
      job: { replyId: waiting.reply.id, epoch: 1, ...owned },
    })
    expect(await store.startStranded(10)).toEqual([])
  })
}
