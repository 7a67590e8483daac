import { limits } from '@parley/protocol'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Store } from '../../src/chat/ports.ts'
import type { Database } from '../../src/db/connect.ts'
import { describeWithPostgres } from '../services/describe-with.ts'
import { joining, openServer, type Stage, said, serverStage, storeOn, sure } from './stage.ts'

const ROUNDS = 10

describeWithPostgres('what one person may do, at once from two processes', ({ createDatabase }) => {
  let stage: Stage
  let second: Database
  let stores: readonly [Store, Store]

  beforeAll(async () => {
    const url = await createDatabase()
    stage = await serverStage(url, 25)
    second = await openServer(url, 25)
    stores = [stage.store, storeOn(second)]
  })
  afterAll(async () => {
    await second?.close()
    await stage?.close()
  })
  const storeOf = (n: number) => stores[n % 2 === 0 ? 0 : 1]
  const twenty = <T>(call: (store: Store) => T): T[] => Array.from({ length: 20 }, (_, n) => call(storeOf(n)))

  it('20 sends at once of one person in 20 sessions begin so many replies as there may be, 10 times over', async () => {
    for (let round = 0; round < ROUNDS; round++) {
      const userId = await stage.person()
      const fresh = joining(userId, { fresh: true })
      const opened = await Promise.all(twenty((store) => store.openSession(fresh)))
      const sends = opened.map((one, n) =>
        storeOf(n).commitTurn(said({ userId, sessionId: sure(one).sessionId }, 'hi')),
      )
      const outcomes = (await Promise.all(sends)).map(({ outcome }) => outcome)
      expect(outcomes.filter((outcome) => outcome === 'committed')).toHaveLength(limits.repliesPerUser)
      expect(new Set(outcomes)).toEqual(new Set(['committed', 'busy']))
    }
  })

  it('20 new sessions at once beside so many that one is left begin one', async () => {
    const userId = await stage.person()
    await stage.database.prisma.$executeRaw`
      INSERT INTO "ChatSession" (id, "userId", "personaId")
      SELECT ${userId} || n, ${userId}, 'ada' FROM generate_series(2, ${limits.sessionsPerUserAndDay}::int) n`
    const fresh = joining(userId, { fresh: true })
    const opened = await Promise.allSettled(twenty((store) => store.openSession(fresh)))
    expect(opened.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
  })

  it('20 sends at once beside a budget that has room for one begin one, 10 times over', async () => {
    const spend = { guest: 0, account: 1_000, reply: 2_000 }
    const limited = [storeOn(stage.database, { spend }), storeOn(second, { spend })] as const
    for (let round = 0; round < ROUNDS; round++) {
      const userId = await stage.person()
      const opened = await Promise.all(twenty((store) => store.openSession(joining(userId, { fresh: true }))))
      const sends = opened.map((one, n) =>
        limited[n % 2 === 0 ? 0 : 1].commitTurn(said({ userId, sessionId: sure(one).sessionId }, 'hi')),
      )
      const outcomes = (await Promise.all(sends)).map(({ outcome }) => outcome)
      expect(outcomes.toSorted()).toEqual([...Array(19).fill('busy'), 'committed'])
    }
  })
})
