import { expect, it } from 'vitest'
import { seedPersonas } from '../../../src/db/personas.ts'
import { joining, openFor, PERSONA, type Stage, say, sure } from '../stage.ts'

const OTHER = { ...PERSONA, personaId: 'bea', id: 'bea@1', name: 'Bea' }
const CHANGED = { ...OTHER, id: 'bea@2', greeting: 'Good day', picture: '<svg/>' }
const { picture: _, ...SHOWN } = OTHER
const { picture: __, ...SHOWN_CHANGED } = CHANGED

/** Personas and their versions. */
export function personaContract(stage: () => Stage): void {
  it('seeding twice, and by two processes at once, leaves one version', async () => {
    const { store, database } = stage()
    await Promise.all([seedPersonas(database, [OTHER]), seedPersonas(database, [OTHER])])
    await seedPersonas(database, [OTHER])
    expect(await database.prisma.personaVersion.count({ where: { personaId: 'bea' } })).toBe(1)
    expect(await store.persona('bea')).toEqual(SHOWN)
    expect(await store.personaVersion('bea@1')).toEqual(SHOWN)
    expect(await store.picture('bea@1')).toBe(OTHER.picture)
    expect((await store.personas()).filter(({ personaId }) => personaId === 'bea')).toEqual([SHOWN])
  })

  it('a changed persona gets a new version, the old one stays, and replies name the one that writes them', async () => {
    const { store, database, person } = stage()
    const userId = await person()
    await openFor(store, userId)
    const joined = sure(
      await store.openSession(joining(userId, { personaId: 'bea', personaVersionId: 'bea@1' })),
    )
    const owned = { userId, sessionId: joined.sessionId }
    const before = await say(store, owned, 'hi')
    await seedPersonas(database, [CHANGED])
    const after = await say(store, owned, 'hi again')
    expect([before.reply.personaVersionId, after.reply.personaVersionId]).toEqual(['bea@1', 'bea@2'])
    expect(await store.persona('bea')).toEqual(SHOWN_CHANGED)
    expect(await store.personaVersion('bea@1')).toEqual(SHOWN)
    expect(await store.picture('bea@1')).toBe(OTHER.picture)
    expect(await store.picture('bea@2')).toBe('<svg/>')
  })

  it('a persona, version or picture that does not exist is null', async () => {
    const { store } = stage()
    expect(await Promise.all([store.persona('x'), store.personaVersion('x'), store.picture('x')])).toEqual([
      null,
      null,
      null,
    ])
  })
}
