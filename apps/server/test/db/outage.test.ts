import { afterAll, beforeAll, expect, it } from 'vitest'
import { StorageUnavailable } from '../../src/chat/ports.ts'
import { withFaults } from '../../src/db/faults.ts'
import { openLine } from '../services/cut-line.ts'
import { describeWithPostgres } from '../services/describe-with.ts'
import { type PostgresServer, startPostgres } from '../services/postgres.ts'
import { ended, type Owned, piece, type Stage, said, sayLive, serverStage, sure } from './stage.ts'

// A server of its own, because it is killed.
describeWithPostgres('a PostgreSQL server that goes and comes back', () => {
  let server: PostgresServer
  let stage: Stage

  beforeAll(async () => {
    server = await startPostgres()
    stage = await serverStage(await server.createDatabase())
  })
  afterAll(async () => {
    await stage?.close()
    await server?.stop()
  })

  it('case e1: stopped while idle, every call is unavailable storage, and the next one after it works', async () => {
    const owned = await stage.session()
    await Promise.all([stage.store.personas(), stage.store.sessions(owned.userId, 1), stage.session()])
    for (const stop of [() => server.shutDown(), () => server.kill9()]) {
      await stop()
      await expectUnavailable(stage, owned)
      await server.start()
      expect(await stage.store.snapshot(owned.userId, owned.sessionId)).not.toBeNull()
    }
  })

  it('case e1: stopped in mid-query, the query is unavailable storage, and the next one works', async () => {
    const owned = await stage.session()
    for (const [n, stop] of [() => server.shutDown(), () => server.kill9()].entries()) {
      const { prisma } = stage.database
      const slow = Array.from({ length: 3 }, () =>
        withFaults(() => prisma.$queryRaw`SELECT 1 FROM pg_sleep(60)`),
      )
      const settled = Promise.allSettled(slow)
      await running(stage, 3)
      await stop()
      for (const result of await settled) {
        expect(result).toMatchObject({ status: 'rejected', reason: expect.any(StorageUnavailable) })
      }
      await server.start()
      const { job } = await sayLive(stage.store, owned, `turn ${n}`)
      expect(await stage.store.finishReply(ended(job, 'back'))).toMatchObject({ outcome: 'saved' })
    }
    const { messages } = sure(await stage.store.snapshot(owned.userId, owned.sessionId))
    expect(messages.map(({ content }) => content).slice(1)).toEqual(['turn 0', 'back', 'turn 1', 'back'])
  })

  it('case e1: its line reset in mid-query, the query is unavailable storage, and the next one works', async () => {
    const line = await openLine(await server.createDatabase())
    const reset = await serverStage(line.url)
    const { prisma } = reset.database
    const slow = withFaults(() => prisma.$queryRaw`SELECT 1 FROM pg_sleep(60)`)
    const settled = Promise.allSettled([slow])
    await running(stage, 1)
    line.reset()
    expect(await settled).toMatchObject([{ status: 'rejected', reason: expect.any(StorageUnavailable) }])
    expect(await prisma.message.count()).toBe(0)
    await reset.close()
    await line.close()
  })
})

async function expectUnavailable({ store }: Stage, owned: Owned): Promise<void> {
  const { userId, sessionId } = owned
  const job = { replyId: 'r', epoch: 1 }
  const branch = { ...owned, messageId: 'm', shown: [] }
  const calls = [
    () => store.commitTurn(said(owned, 'hi')),
    () => store.findTurn(userId, sessionId, 'c'),
    () => store.finishReply(ended(job, 'x')),
    () => store.flush([piece(job, 0, 'x')]),
    () => store.editMessage({ ...branch, content: 'x', clientMessageId: null }),
    () => store.regenerate({ ...branch, clientRequestId: null }),
    () => store.selectBranch(branch),
    () => store.addShown({ ...job, text: 'x' }),
    () => store.stopReply(userId, sessionId, 'r'),
    () => store.claimReplies({ limit: 1, held: [], alone: false }),
    () => store.startStranded(1),
    () => store.releaseReplies(),
    () => store.snapshot(userId, sessionId),
    () => store.history(userId, sessionId, null, 1),
    () => store.sync(userId, sessionId, 0),
    () => store.sessions(userId, 1),
    () => store.personas(),
    () => store.persona('ada'),
    () => store.personaVersion('not-kept'),
    () => store.picture('ada@1'),
  ]
  for (const call of calls) await expect(call()).rejects.toBeInstanceOf(StorageUnavailable)
}

async function running({ database }: Stage, count: number): Promise<void> {
  for (;;) {
    const rows = await database.prisma.$queryRaw<unknown[]>`
      SELECT 1 FROM pg_stat_activity WHERE wait_event = 'PgSleep'`
    if (rows.length === count) return
  }
}
