import { expect, it } from 'vitest'
import type { ReplyJob, Store } from '../../../src/chat/ports.ts'
import { ended, finish, type Owned, piece, type Stage, sayLive, sure } from '../stage.ts'

/** A lease that ran out when it began. */
const OVER = { leaseMs: 0 }

/** Saving pieces of live replies, and taking over those of the dead. */
export function ownershipContract(stage: () => Stage): void {
  flushContract(stage)
  claimContract(stage)
  takeOverContract(stage)
}

function flushContract(stage: () => Stage): void {
  it('[R3] flushed pieces make up the text of the live reply and raise no revision', async () => {
    const { store, session } = stage()
    const owned = await session()
    const { job, change } = await sayLive(store, owned)
    expect(await live(store, owned)).toEqual({ replyId: job.replyId, epoch: 1, text: '' })
    await store.flush([piece(job, 0, 'One 🦉')])
    await store.flush([piece(job, 6, ', two')])
    // Ten pieces and more: their order is that of numbers, not of digits.
    for (let n = 0; n < 12; n++) await store.flush([piece(job, 11 + n, String.fromCharCode(97 + n))])
    const { live: text, session: now } = sure(await store.snapshot(owned.userId, owned.sessionId))
    expect(text).toEqual({ replyId: job.replyId, epoch: 1, text: 'One 🦉, twoabcdefghijkl' })
    expect(now.revision).toBe(change.revision)
  })

  it('[R3] a flush repeated with more text replaces the first; a late shorter one takes nothing away', async () => {
    const { store, session } = stage()
    const owned = await session()
    const { job } = await sayLive(store, owned)
    await store.flush([piece(job, 0, 'abc')])
    await store.flush([piece(job, 0, 'abcdef')])
    await store.flush([piece(job, 0, 'abc')])
    await store.flush([piece(job, 6, 'ghi')])
    expect(await live(store, owned)).toMatchObject({ text: 'abcdefghi' })
  })

  it('[R3][R6] one flush says of each reply whether it is held, asked to stop or lost', async () => {
    const { store, session } = stage()
    const [a, b, c, d] = [await session(), await session(), await session(), await session()]
    const held = (await sayLive(store, a)).job
    const stopped = (await sayLive(store, b)).job
    const over = (await sayLive(store, c)).job
    const older = (await sayLive(store, d)).job
    await store.stopReply(b.userId, b.sessionId, stopped.replyId)
    await finish(store, over)
    const states = await store.flush([
      piece(held, 0, 'x'),
      piece(stopped, 0, 'x'),
      piece(over, 0, 'x'),
      piece({ ...older, epoch: 0 }, 0, 'x'),
      piece({ replyId: 'nobody', epoch: 1 }, 0, 'x'),
    ])
    expect([...states]).toEqual([
      [held.replyId, 'held'],
      [stopped.replyId, 'stop'],
      [over.replyId, 'lost'],
      [older.replyId, 'lost'],
      ['nobody', 'lost'],
    ])
    expect(await live(store, d)).toMatchObject({ text: '' })
    expect(await live(store, b)).toMatchObject({ text: 'x' })
    expect((await store.flush([])).size).toBe(0)
  })

  it('[R4] an empty piece renews the lease and saves nothing', async () => {
    const { store, otherStore, session, database } = stage()
    const { job } = await sayLive(otherStore(OVER), await session())
    expect([...(await store.flush([piece(job, 0, '')])).values()]).toEqual(['held'])
    expect(await claimed(store, job)).toBeUndefined()
    expect(await database.prisma.replyChunk.count({ where: { replyId: job.replyId } })).toBe(0)
  })
}

function claimContract(stage: () => Stage): void {
  it('[R4] a reply is claimed only after its lease, with the next epoch, its text and its job', async () => {
    const { store, otherStore, session } = stage()
    const dead = otherStore()
    const owned = await session()
    const { job } = await sayLive(dead, owned, 'question')
    await dead.flush([piece(job, 0, 'half '), piece(job, 5, '🦉')])
    expect(await claimed(store, job)).toBeUndefined()
    await dead.releaseReplies()
    expect(await claimed(store, job)).toEqual({
      ...job,
      epoch: 2,
      prefix: 'half 🦉',
      attempt: 1,
      stopped: false,
      overBudget: false,
    })
    expect(await claimed(otherStore(), job)).toBeUndefined()
    expect([...(await dead.flush([piece(job, 7, 'late')])).values()]).toEqual(['lost'])
    expect(await dead.finishReply(ended(job, 'late'))).toEqual({ outcome: 'fenced' })
    await finish(store, { ...job, epoch: 2 }, 'half 🦉 and the rest')
  })

  it('[R4] a claim never takes what its caller holds, and takes no more than it asked for', async () => {
    const { store, otherStore, session } = stage()
    const dead = otherStore(OVER)
    const jobs = [(await sayLive(dead, await session())).job, (await sayLive(dead, await session())).job]
    const held = jobs.map(({ replyId }) => replyId)
    const others = await store.claimReplies({ limit: 100, held, alone: true })
    expect(others.map(({ replyId }) => replyId)).not.toEqual(expect.arrayContaining([held[0]]))
    const take = () => otherStore(OVER).claimReplies({ limit: 1, held: [], alone: false })
    const taken = [await take(), await take()]
    expect(taken.map((some) => some.length)).toEqual([1, 1])
  })

  it('[R4] alone, a process takes over whatever the lease says', async () => {
    const { store, otherStore, session } = stage()
    const { job } = await sayLive(otherStore(), await session())
    expect(await claimed(store, job, true)).toMatchObject({ epoch: 2, prefix: '' })
  })

  it('[R4] a second claim keeps the text of the newest epoch that saved any', async () => {
    const { store, otherStore, session } = stage()
    const { job } = await sayLive(store, await session())
    await store.flush([piece(job, 0, 'first try')])
    expect(await claimed(otherStore(), job, true)).toMatchObject({ epoch: 2, prefix: 'first try' })
    expect(await claimed(otherStore(), job, true)).toMatchObject({ epoch: 3, prefix: 'first try' })
    await store.flush([piece({ ...job, epoch: 3 }, 0, 'second')])
    expect(await claimed(otherStore(), job, true)).toMatchObject({ epoch: 4, prefix: 'second' })
  })
}

function takeOverContract(stage: () => Stage): void {
  it('[R4] [S1] a claim leaves the text in sight until the new epoch has some', async () => {
    const { store, otherStore, session } = stage()
    const owned = await session()
    const { job } = await sayLive(store, owned)
    await store.flush([piece(job, 0, 'first try')])
    await claimed(otherStore(), job, true)
    expect(await live(store, owned)).toMatchObject({ epoch: 1, text: 'first try' })
    await store.flush([piece({ ...job, epoch: 2 }, 0, 'se')])
    expect(await live(store, owned)).toMatchObject({ epoch: 2, text: 'se' })
  })

  it('[R3] a claim that goes on from the text makes it the beginning of its epoch', async () => {
    const { store, otherStore, session } = stage()
    const owned = await session()
    const { job } = await sayLive(store, owned)
    await store.flush([piece(job, 0, 'half '), piece(job, 5, '🦉')])
    const taken = await otherStore().claimReplies({ limit: 100, held: [], alone: true, continues: true })
    expect(taken.map(({ replyId }) => replyId)).toContain(job.replyId)
    expect(await live(store, owned)).toMatchObject({ epoch: 2, text: 'half 🦉' })
    await store.flush([piece({ ...job, epoch: 2 }, 7, ' and more')])
    expect(await live(store, owned)).toMatchObject({ epoch: 2, text: 'half 🦉 and more' })
  })

  it('[R4] claims count the attempts; a planned hand-over does not', async () => {
    const { store, otherStore, session } = stage()
    const { job } = await sayLive(store, await session())
    const second = otherStore()
    expect(await claimed(second, job, true)).toMatchObject({ epoch: 2, attempt: 2 })
    await second.releaseReplies()
    expect(await claimed(otherStore(), job)).toMatchObject({ epoch: 3, attempt: 2 })
    expect(await claimed(otherStore(), job, true)).toMatchObject({ epoch: 4, attempt: 3 })
  })

  it('[R6] whoever claims a reply that was asked to stop is told so', async () => {
    const { store, otherStore, session } = stage()
    const owned = await session()
    const { job } = await sayLive(store, owned)
    await store.stopReply(owned.userId, owned.sessionId, job.replyId)
    expect(await claimed(otherStore(), job, true)).toMatchObject({ stopped: true })
  })

  it('[S2] a process that leaves lets go of its own replies alone', async () => {
    const { store, otherStore, session } = stage()
    const [leaving, staying] = [otherStore(), otherStore()]
    const mine = (await sayLive(leaving, await session())).job
    const theirs = (await sayLive(staying, await session())).job
    await leaving.releaseReplies()
    const taken = await store.claimReplies({ limit: 100, held: [], alone: false })
    const ids = taken.map(({ replyId }) => replyId)
    expect(ids).toContain(mine.replyId)
    expect(ids).not.toContain(theirs.replyId)
  })
}

/** What a claim of everything that can be had gives of one reply; the rest is ended. */
async function claimed(store: Store, job: ReplyJob, alone = false) {
  const taken = await store.claimReplies({ limit: 100, held: [], alone })
  for (const other of taken) if (other.replyId !== job.replyId) await finish(store, other)
  return taken.find(({ replyId }) => replyId === job.replyId)
}

async function live(store: Store, { userId, sessionId }: Owned) {
  return sure(await store.snapshot(userId, sessionId)).live
}
