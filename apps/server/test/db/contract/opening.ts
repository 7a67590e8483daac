import { expect, it } from 'vitest'
import { joining, openFor, PERSONA, type Stage, sure } from '../stage.ts'

/** Finding and making sessions. */
export function openingContract(stage: () => Stage): void {
  it('[J1] a first join makes a session that begins with the greeting; a second one finds it', async () => {
    const { store, person } = stage()
    const userId = await person()
    const first = sure(await store.openSession(joining(userId)))
    expect(first.created).toBe(true)
    expect(await store.openSession(joining(userId))).toEqual({ ...first, created: false })

    const { session, messages, live, hasMore } = sure(await store.snapshot(userId, first.sessionId))
    expect({ live, hasMore }).toEqual({ live: null, hasMore: false })
    expect(messages).toHaveLength(1)
    expect(messages[0]).toMatchObject({
      id: session.activeLeafId,
      sender: 'ai',
      content: PERSONA.greeting,
      status: 'complete',
      parentId: null,
      seq: 1,
      revision: 1,
      personaVersionId: PERSONA.id,
      siblingIds: [session.activeLeafId],
    })
    expect(session).toMatchObject({ id: first.sessionId, personaId: 'ada', title: null, revision: 1 })
  })

  it('[J1] a join without a session id finds the newest session', async () => {
    const { store, person } = stage()
    const userId = await person()
    const older = await openFor(store, userId)
    const newer = sure(await store.openSession(joining(userId, { fresh: true })))
    expect(newer.sessionId).not.toBe(older.sessionId)
    expect(await openFor(store, userId)).toEqual({ userId, sessionId: newer.sessionId })
  })

  it('[J1] a given session is opened only for its own persona', async () => {
    const { store, database, session } = stage()
    const { userId, sessionId } = await session()
    await database.prisma.persona.create({ data: { id: 'other', currentVersionId: 'ada@1' } })
    expect(await store.openSession(joining(userId, { sessionId }))).toEqual({ sessionId, created: false })
    expect(await store.openSession(joining(userId, { sessionId, personaId: 'other' }))).toBeNull()
  })

  it('[M2] a fresh join repeated with its request id returns the session that the first one began', async () => {
    const { store, person } = stage()
    const userId = await person()
    const fresh = (clientRequestId: string | null) =>
      store.openSession(joining(userId, { fresh: true, clientRequestId })).then(sure)
    const one = await fresh('r1')
    const two = await fresh('r2')
    const unnamed = [await fresh(null), await fresh(null)]
    expect(await fresh('r1')).toEqual({ sessionId: one.sessionId, created: false })
    const ids = [one, two, ...unnamed].map(({ sessionId }) => sessionId)
    expect(new Set(ids).size).toBe(4)
    expect([one, two, ...unnamed].every(({ created }) => created)).toBe(true)
  })

  it("[M2] one person's request id is nothing to another person", async () => {
    const { store, person } = stage()
    const fresh = async (userId: string) =>
      sure(await store.openSession(joining(userId, { fresh: true, clientRequestId: 'same' })))
    const [mine, theirs] = [await fresh(await person()), await fresh(await person())]
    expect(theirs.created).toBe(true)
    expect(theirs.sessionId).not.toBe(mine.sessionId)
  })
}
