import { limits } from '@parley/protocol'
import { expect, it } from 'vitest'
import { type ReplyJob, type Store, TooManySessions } from '../../../src/chat/ports.ts'
import { finish, joining, type Owned, PERSONA, type Stage, said, say, sayLive, sure } from '../stage.ts'

const HOUR = 3_600_000

/** What one person may have under way and begin. */
export function quotaContract(stage: () => Stage): void {
  it('a person has at most so many replies under way in all sessions; one more is busy and leaves nothing', async () => {
    const { store, person, session } = stage()
    const userId = await person()
    const idle = await begin(store, userId)
    const first = await sayLive(store, idle, 'first')
    await finish(store, first.job)
    const { jobs, owned } = await fill(store, userId)

    expect(await store.commitTurn(said(idle, 'too much', 'one-more'))).toEqual({ outcome: 'busy' })
    const shown = { ...idle, shown: [] }
    const regeneration = { ...shown, messageId: first.reply.id, clientRequestId: 'again' }
    const edit = { ...shown, messageId: first.message.id, content: 'else', clientMessageId: 'else' }
    expect(await store.regenerate(regeneration)).toEqual({ outcome: 'busy' })
    expect(await store.editMessage(edit)).toEqual({ outcome: 'busy' })
    expect(sure(await store.snapshot(userId, idle.sessionId)).messages).toHaveLength(3)
    // A repeat begins nothing, and what ends its own session's reply first begins no further one.
    expect(await store.commitTurn(said(owned, 'hi', 'said'))).toMatchObject({ outcome: 'duplicate' })
    const reply = sure(sure(await store.snapshot(userId, owned.sessionId)).messages.at(-1))
    const anew = { ...owned, shown: [], messageId: reply.id, clientRequestId: null }
    expect(await store.regenerate(anew)).toMatchObject({ outcome: 'committed' })
    expect(await store.commitTurn(said(await session(), 'hi'))).toMatchObject({ outcome: 'committed' })

    await finish(store, sure(jobs[0]))
    expect(await store.commitTurn(said(idle, 'now', 'one-more'))).toMatchObject({ outcome: 'committed' })
    expect(await store.regenerate(regeneration)).toMatchObject({ outcome: 'committed' })
    expect(await store.regenerate(regeneration)).toMatchObject({ outcome: 'duplicate' })
  })

  it('a person who has begun too many sessions in a day is told when the next one may be, and opens the others', async () => {
    const { store, database, person } = stage()
    const userId = await person()
    const first = sure(await store.openSession(joining(userId, { fresh: true, clientRequestId: 'first' })))
    await database.prisma.$executeRaw`
      INSERT INTO "ChatSession" (id, "userId", "personaId", "createdAt", "updatedAt")
      SELECT ${userId} || n, ${userId}, ${PERSONA.personaId}, now() - age, now()
        FROM generate_series(1, ${limits.sessionsPerUserAndDay}::int - 1) n
       CROSS JOIN LATERAL (SELECT CASE n WHEN 1 THEN interval '23 hours' ELSE interval '1 hour' END) a(age)`
    const refusal = await store.openSession(joining(userId, { fresh: true })).catch((cause: unknown) => cause)
    if (!(refusal instanceof TooManySessions)) throw new Error('one too many was begun')
    expect(refusal.retryAfterMs).toBeGreaterThan(0)
    expect(refusal.retryAfterMs).toBeLessThanOrEqual(HOUR)

    const same = { sessionId: first.sessionId, created: false }
    expect(await store.openSession(joining(userId, { sessionId: first.sessionId }))).toEqual(same)
    expect(await store.openSession(joining(userId, { fresh: true, clientRequestId: 'first' }))).toEqual(same)
    expect(await store.openSession(joining(userId))).toMatchObject({ created: false })
    expect(await store.openSession(joining(await person(), { fresh: true }))).toMatchObject({ created: true })

    await database.prisma.$executeRaw`
      UPDATE "ChatSession" SET "createdAt" = now() - interval '25 hours' WHERE id = ${`${userId}1`}`
    expect(await store.openSession(joining(userId, { fresh: true }))).toMatchObject({ created: true })
  })
}

async function begin(store: Store, userId: string): Promise<Owned> {
  const { sessionId } = sure(await store.openSession(joining(userId, { fresh: true })))
  return { userId, sessionId }
}

/** Begins replies until there may be no more; `owned` is the last session, whose message is `said`. */
async function fill(store: Store, userId: string) {
  const jobs: ReplyJob[] = []
  for (let live = 1; live < limits.repliesPerUser; live++) {
    jobs.push((await sayLive(store, await begin(store, userId))).job)
  }
  const owned = await begin(store, userId)
  await say(store, owned, 'hi', 'said')
  return { jobs, owned }
}
