import { limits } from '@parley/protocol'
import { expect, it } from 'vitest'
import type { Store } from '../../../src/chat/ports.ts'
import { finish, joining, type Owned, openFor, type Stage, say, sayLive, sure } from '../stage.ts'

/** Reading sessions and their pages. */
export function readingContract(stage: () => Stage): void {
  pageContract(stage)
  branchContract(stage)
}

function pageContract(stage: () => Stage): void {
  it('[J1] a snapshot holds the newest page and says whether there is more', async () => {
    const { store, session } = stage()
    const owned = await session()
    await talk(store, owned, limits.pageMessages / 2)
    const { messages, hasMore, session: now } = sure(await store.snapshot(owned.userId, owned.sessionId))
    expect(messages.map(({ seq }) => seq)).toEqual(TALKED.slice(1, 51))
    expect(hasMore).toBe(true)
    expect(messages.at(-1)?.id).toBe(now.activeLeafId)
  })

  it('[J1] a snapshot of exactly one page has no more', async () => {
    const { store, session } = stage()
    const owned = await session()
    await talk(store, owned, 2)
    const page = sure(await store.history(owned.userId, owned.sessionId, null, 5))
    expect(page).toMatchObject({ hasMore: false })
    expect(await seqs(store, owned, null, 4)).toEqual({ seqs: TALKED.slice(1, 5), hasMore: true })
  })

  it('a page of long messages holds fewer of them, and the rest is there to be read', async () => {
    const { store, session } = stage()
    const owned = await session()
    const long = '🦉'.repeat(80_000)
    for (let n = 0; n < 5; n++) await finish(store, (await sayLive(store, owned, `turn ${n}`)).job, long)
    const newest = sure(await store.snapshot(owned.userId, owned.sessionId))
    expect(newest).toMatchObject({ hasMore: true })
    const shown = newest.messages.map(({ seq }) => seq)
    expect(shown.length).toBeLessThan(10)
    const older = await seqs(store, owned, shown[0] ?? 0, 50)
    expect([...older.seqs, ...shown]).toEqual(TALKED.slice(0, 11).slice(-older.seqs.length - shown.length))
    expect(older.seqs.length).toBeGreaterThan(0)
  })
}

function branchContract(stage: () => Stage): void {
  it('[M6] history goes up the branch, exactly before the given message', async () => {
    const { store, session } = stage()
    const owned = await session()
    await talk(store, owned, 4)
    expect(await seqs(store, owned, 6, 3)).toEqual({ seqs: [2, 3, 5], hasMore: true })
    expect(await seqs(store, owned, 5, 3)).toEqual({ seqs: [1, 2, 3], hasMore: false })
    expect(await seqs(store, owned, 3, 3)).toEqual({ seqs: [1, 2], hasMore: false })
    // 4 is the revision of an ended reply, and no message was born with it.
    expect(await store.history(owned.userId, owned.sessionId, 4, 3)).toEqual({ found: false })
    expect(await seqs(store, owned, 1, 3)).toEqual({ seqs: [], hasMore: false })
    expect(await store.history(owned.userId, owned.sessionId, 77, 3)).toEqual({ found: false })
  })

  it('[M6] a page follows parents and leaves other branches out; siblings are named in order', async () => {
    const { store, session, database } = stage()
    const owned = await session()
    const { job, reply } = await sayLive(store, owned, 'one')
    await finish(store, job, 'first answer')
    await database.prisma.message.create({
      data: {
        id: `${reply.id}-b`,
        sessionId: owned.sessionId,
        parentId: reply.parentId,
        seq: 5,
        revision: 5,
        sender: 'ai',
        content: 'second answer',
        status: 'complete',
      },
    })
    await database.prisma.chatSession.update({
      where: { id: owned.sessionId },
      data: { activeLeafId: `${reply.id}-b`, revision: 5 },
    })
    const { messages } = sure(await store.snapshot(owned.userId, owned.sessionId))
    expect(messages.map(({ seq }) => seq)).toEqual([1, 2, 5])
    expect(messages.at(-1)?.siblingIds).toEqual([reply.id, `${reply.id}-b`])
    expect(await seqs(store, owned, 3, 9)).toEqual({ seqs: [1, 2], hasMore: false })
  })

  it('sessions are listed newest change first, with the instants of the snapshot', async () => {
    const { store, person } = stage()
    const userId = await person()
    const older = await openFor(store, userId)
    const newer = sure(await store.openSession(joining(userId, { fresh: true })))
    await say(store, older, 'back to this one')
    const listed = await store.sessions(userId, 10)
    expect(listed.map(({ id }) => id)).toEqual([older.sessionId, newer.sessionId])
    expect(listed[0]).toEqual(sure(await store.snapshot(userId, older.sessionId)).session)
    expect(await store.sessions(userId, 1)).toEqual(listed.slice(0, 1))
  })
}

/** Turns that are all answered. */
async function talk(store: Store, owned: Owned, turns: number): Promise<void> {
  for (let n = 0; n < turns; n++) await finish(store, (await sayLive(store, owned, `turn ${n}`)).job)
}

async function seqs(store: Store, { userId, sessionId }: Owned, before: number | null, limit: number) {
  const page = sure(await store.history(userId, sessionId, before, limit))
  if ('found' in page) throw new Error('the message was not found')
  return { seqs: page.messages.map(({ seq }) => seq), hasMore: page.hasMore }
}

/** `seq` of what `talk` leaves: the greeting, then for each turn two rows, its reply's end being a third change. */
const TALKED = [1, ...Array.from({ length: 50 }, (_, turn) => [2 + 3 * turn, 3 + 3 * turn]).flat()]
