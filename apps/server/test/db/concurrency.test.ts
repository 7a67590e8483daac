import { randomUUID } from 'node:crypto'
import type { Change } from '@parley/protocol'
import pg from 'pg'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { ReplyJob, Store } from '../../src/chat/ports.ts'
import type { Database } from '../../src/db/connect.ts'
import { describeWithPostgres } from '../services/describe-with.ts'
import {
  finish,
  joining,
  type Owned,
  openServer,
  piece,
  type Stage,
  said,
  sayLive,
  serverStage,
  storeOn,
  sure,
} from './stage.ts'

const ROUNDS = 20

describeWithPostgres('many at once on a PostgreSQL server', ({ createDatabase }) => {
  let stage: Stage
  let second: Database
  let url: string
  /** As two processes have them: each with connections of its own. */
  let stores: readonly [Store, Store]

  beforeAll(async () => {
    url = await createDatabase()
    stage = await serverStage(url, 25)
    second = await openServer(url, 25)
    stores = [stage.store, storeOn(second)]
  })
  afterAll(async () => {
    await second?.close()
    await stage?.close()
  })

  it('[M1][M2][M3][M4] case e4: 50 sends at once, half of them repeats, are 25 turns, 20 times over', {
    timeout: 90_000,
  }, async () => {
    for (let round = 0; round < ROUNDS; round++) {
      const owned = await stage.session()
      const ids = Array.from({ length: 25 }, () => randomUUID())
      const progress = new Progress()
      const sends = [...ids, ...ids].map((id, n) =>
        sendAndAnswer(stores[n % 2 === 0 ? 0 : 1], owned, id, progress),
      )
      const live = watchLive(stage, owned)
      const results = await Promise.all(sends)
      expect(await live.most()).toBeLessThanOrEqual(1)
      expect(results.filter(({ duplicate }) => duplicate)).toHaveLength(25)
      for (const id of ids) {
        const messages = results.filter((result) => result.id === id).map(({ messageId }) => messageId)
        expect(new Set(messages).size).toBe(1)
      }
      await expectWhole(
        stage,
        owned,
        ids,
        results.flatMap(({ changes }) => changes),
      )
    }
  })

  it('[J1] case d3: 20 joins at once from two processes make one session, 20 times over', async () => {
    for (let round = 0; round < ROUNDS; round++) {
      const userId = await stage.person()
      const opened = await Promise.all(everyOther(20, (n) => stores[n].openSession(joining(userId))))
      expect(new Set(opened.map((one) => one?.sessionId)).size).toBe(1)
      expect(opened.filter((one) => one?.created)).toHaveLength(1)
      const { sessionId } = sure(opened[0])
      expect(await stage.database.prisma.chatSession.count({ where: { userId } })).toBe(1)
      expect(await stage.database.prisma.message.count({ where: { sessionId } })).toBe(1)
    }
  })

  it('[M2] 20 fresh joins at once with one request id begin one session', async () => {
    for (let round = 0; round < ROUNDS; round++) {
      const userId = await stage.person()
      const fresh = joining(userId, { fresh: true, clientRequestId: 'once' })
      const opened = await Promise.all(everyOther(20, (n) => stores[n].openSession(fresh)))
      expect(new Set(opened.map((one) => one?.sessionId)).size).toBe(1)
      expect(await stage.database.prisma.chatSession.count({ where: { userId } })).toBe(1)
    }
  })

  it('[R3] flushes of the same replies in opposite orders never deadlock', async () => {
    const jobs: ReplyJob[] = []
    for (let n = 0; n < 40; n++) jobs.push((await sayLive(stage.store, await stage.session())).job)
    // Not through the store: it would try a deadlock again, and hide it.
    const pool = new pg.Pool({ connectionString: url, max: 8 })
    try {
      const flushes = Array.from({ length: 160 }, (_, n) => {
        const rows = (n % 2 === 0 ? jobs : jobs.toReversed()).map((job) => piece(job, n, 'x'))
        return pool.query('SELECT * FROM chat_flush_v1($1::jsonb, 10000)', [JSON.stringify(rows)])
      })
      for (const { rows } of await Promise.all(flushes)) expect(rows).toHaveLength(jobs.length)
    } finally {
      await pool.end()
    }
  })
})

/** Counts what may have made room in a session; a turn that found it busy waits for one more such. */
class Progress {
  seen = 0
  #waiting: (() => void)[] = []

  next(): void {
    this.seen++
    // A few at a time: there is room for no more.
    for (const wake of this.#waiting.splice(0, 4)) wake()
  }

  async past(seen: number): Promise<void> {
    if (this.seen === seen) await new Promise<void>((resolve) => this.#waiting.push(resolve))
  }
}

/** Sends until the session takes it, and answers whatever this made live, as a process does. */
async function sendAndAnswer(store: Store, owned: Owned, id: string, progress: Progress) {
  for (;;) {
    const before = progress.seen
    const result = await store.commitTurn(said(owned, id, id))
    if (result.outcome === 'not_found' || result.outcome === 'spent') throw new Error(result.outcome)
    if (result.outcome === 'busy') {
      await progress.past(before)
      continue
    }
    const changes: Change[] = []
    const messageId = result.change.messages[0]?.id
    progress.next()
    if (result.outcome === 'duplicate') return { id, messageId, duplicate: true, changes }
    changes.push(result.change)
    for (let job = result.job; job; ) {
      const end = await finish(store, job)
      progress.next()
      changes.push(end.change)
      job = end.next
    }
    return { id, messageId, duplicate: false, changes }
  }
}

/** Counts the live replies of a session again and again, until it is asked for the most it saw. */
function watchLive({ database }: Stage, { sessionId }: Owned) {
  let over = false
  const watching = (async () => {
    let most = 0
    while (!over) {
      most = Math.max(most, await database.prisma.message.count({ where: { sessionId, status: 'live' } }))
    }
    return most
  })()
  return {
    most: () => {
      over = true
      return watching
    },
  }
}

async function expectWhole({ database, store }: Stage, owned: Owned, ids: string[], changes: Change[]) {
  const { userId, sessionId } = owned
  const rows = await database.prisma.message.findMany({ where: { sessionId }, orderBy: { seq: 'asc' } })
  const users = rows.filter(({ sender }) => sender === 'user')
  expect(users.map(({ clientMessageId }) => clientMessageId).sort()).toEqual(ids.toSorted())
  expect(rows).toHaveLength(1 + 2 * ids.length)
  for (const { id, replyId } of users) {
    expect(rows.find((row) => row.id === replyId)).toMatchObject({ parentId: id, status: 'complete' })
  }
  // One unbroken branch, in order of seq.
  expect(rows.slice(1).map(({ parentId }) => parentId)).toEqual(rows.slice(0, -1).map(({ id }) => id))
  expect(new Set(rows.map(({ seq }) => seq)).size).toBe(rows.length)

  const { session } = sure(await store.snapshot(userId, sessionId))
  let at = 1
  for (const { prevRevision, revision } of changes.toSorted((a, b) => a.revision - b.revision)) {
    expect(prevRevision).toBe(at)
    at = revision
  }
  expect(session.revision).toBe(at)
  expect(session.activeLeafId).toBe(rows.at(-1)?.id)
}

function everyOther<T>(times: number, call: (n: 0 | 1) => T): T[] {
  return Array.from({ length: times }, (_, n) => call(n % 2 === 0 ? 0 : 1))
}
