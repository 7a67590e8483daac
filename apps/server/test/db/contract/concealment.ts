import { expect, it } from 'vitest'
import { joining, type Owned, type Stage, said, say } from '../stage.ts'

/** What a stranger learns. */
export function concealmentContract(stage: () => Stage): void {
  it("[A2] every call answers for somebody else's session exactly as for one that does not exist", async () => {
    const { store, session, person } = stage()
    const owned = await session()
    const { reply } = await say(store, owned, 'secret', 'c1')
    const before = await store.snapshot(owned.userId, owned.sessionId)
    const ask = ({ userId, sessionId }: Owned) => [
      store.openSession(joining(userId, { sessionId })),
      store.openSession(joining(userId, { sessionId, fresh: true, clientRequestId: 'r' })),
      store.commitTurn(said({ userId, sessionId }, 'mine now', 'c1')),
      store.findTurn(userId, sessionId, 'c1'),
      store.stopReply(userId, sessionId, reply.id),
      store.snapshot(userId, sessionId),
      store.history(userId, sessionId, null, 10),
      store.history(userId, sessionId, 2, 10),
      store.sync(userId, sessionId, 0),
      store.sync(userId, sessionId, 99_999),
    ]
    const stranger = await person()
    const foreign = await Promise.all(ask({ userId: stranger, sessionId: owned.sessionId }))
    const unknown = await Promise.all(ask({ userId: stranger, sessionId: 'no-such-session' }))
    expect(foreign).toEqual(unknown)
    expect(unknown).toEqual([
      null,
      null,
      { outcome: 'not_found' },
      null,
      { outcome: 'session_not_found' },
      null,
      null,
      null,
      null,
      null,
    ])
    expect(await store.sessions(stranger, 10)).toEqual([])
    expect(await store.snapshot(owned.userId, owned.sessionId)).toEqual(before)
  })

  it("[A2] somebody's own persona is shown to nobody else", async () => {
    const { store, database, person } = stage()
    const ownerId = await person()
    await database.prisma.persona.create({
      data: { id: `of-${ownerId}`, ownerId, currentVersionId: 'ada@1' },
    })
    expect(await store.persona(`of-${ownerId}`)).toBeNull()
    expect((await store.personas()).map(({ personaId }) => personaId)).not.toContain(`of-${ownerId}`)
  })
}
