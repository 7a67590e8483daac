import { setImmediate } from 'node:timers/promises'
import pg from 'pg'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { StorageUnavailable } from '../../src/chat/ports.ts'
import { withFaults } from '../../src/db/faults.ts'
import type { Prisma } from '../../src/db/generated/client.ts'
import { describeWithPostgres } from '../services/describe-with.ts'
import { type Stage, said, say, serverStage, sure } from './stage.ts'

type Transaction = Prisma.TransactionClient

describeWithPostgres('conflicts on a PostgreSQL server', ({ createDatabase }) => {
  let stage: Stage
  let url: string

  beforeAll(async () => {
    url = await createDatabase()
    stage = await serverStage(url)
  })
  afterAll(() => stage?.close())

  it('case e3: a serialization failure (40001) is tried again until it holds', () => addBoth(stage))

  it('case e3: a deadlock (40P01) is tried again until it holds, in both shapes that Prisma gives it', async () => {
    const ids = [await stage.person(), await stage.person()]
    await lockCrosswise(stage, ids, (tx, id) => tx.user.update({ where: { id }, data: { image: 'x' } }))
    await lockCrosswise(
      stage,
      ids,
      (tx, id) => tx.$queryRaw`UPDATE "User" SET image = 'x' WHERE id = ${id} RETURNING id`,
    )
  })

  it('case e3: a call that loses every time is unavailable storage, not an error of the database', async () => {
    for (const state of ['40001', '40P01']) {
      const run = vi.fn(() =>
        stage.database.prisma.$executeRawUnsafe(
          `DO $$ BEGIN RAISE EXCEPTION 'lost' USING ERRCODE = '${state}'; END $$`,
        ),
      )
      await expect(withFaults(run)).rejects.toBeInstanceOf(StorageUnavailable)
      expect(run).toHaveBeenCalledTimes(5)
    }
  })

  it('case e3: a turn that hits a unique key of somebody who did not wait is the repeat that it is', async () => {
    const owned = await stage.session()
    const first = await say(stage.store, owned, 'hi')
    const client = new pg.Client({ connectionString: url })
    await client.connect()
    try {
      await client.query('BEGIN')
      await client.query('UPDATE "Message" SET "clientMessageId" = $1 WHERE id = $2', [
        'key',
        first.message.id,
      ])
      const repeat = stage.store.commitTurn(said(owned, 'hi', 'key'))
      await waitsForLock(client)
      await client.query('COMMIT')
      expect(await repeat).toMatchObject({ outcome: 'duplicate', change: { revision: 3 } })
    } finally {
      await client.end()
    }
    const { messages } = sure(await stage.store.snapshot(owned.userId, owned.sessionId))
    expect(messages).toHaveLength(3)
  })

  it('other errors of the database come through as they are, after one try', async () => {
    const run = vi.fn(() => stage.database.prisma.$queryRaw`SELECT no_such_function()`)
    await expect(withFaults(run)).rejects.toThrow('no_such_function')
    expect(run).toHaveBeenCalledTimes(1)
  })
})

/** Two transactions read one row before either writes it. */
async function addBoth({ database: { prisma }, person }: Stage): Promise<void> {
  const id = await person()
  const both = barrier(2)
  const add = (letter: string) => async (tx: Transaction) => {
    const { name } = await tx.user.findUniqueOrThrow({ where: { id } })
    await both()
    await tx.user.update({ where: { id }, data: { name: name + letter } })
  }
  const run = (letter: string) =>
    counted(() => prisma.$transaction(add(letter), { isolationLevel: 'Serializable' }))
  const tries = await Promise.all([run('a'), run('b')])
  expect(tries.toSorted()).toEqual([1, 2])
  const { name } = await prisma.user.findUniqueOrThrow({ where: { id } })
  expect([`${id}ab`, `${id}ba`]).toContain(name)
}

/** Two transactions write two rows in opposite orders. */
async function lockCrosswise(
  { database: { prisma } }: Stage,
  ids: readonly string[],
  write: (tx: Transaction, id: string) => Promise<unknown>,
): Promise<void> {
  const both = barrier(2)
  const run = ([first = '', second = '']: readonly string[]) =>
    counted(() =>
      prisma.$transaction(async (tx) => {
        await write(tx, first)
        await both()
        await write(tx, second)
      }),
    )
  const tries = await Promise.all([run(ids), run(ids.toReversed())])
  expect(tries.toSorted()).toEqual([1, 2])
}

/** Runs a call that may be tried again, and gives the number of tries. */
async function counted(call: () => Promise<unknown>): Promise<number> {
  let tries = 0
  await withFaults(() => {
    tries++
    return call()
  })
  return tries
}

/** Holds everybody until `size` have come; nobody after that. */
function barrier(size: number): () => Promise<void> {
  let missing = size
  let open = () => {}
  const opened = new Promise<void>((resolve) => {
    open = resolve
  })
  return () => {
    if (--missing === 0) open()
    return opened
  }
}

async function waitsForLock(client: pg.Client): Promise<void> {
  for (;;) {
    const { rows } = await client.query(
      'SELECT 1 FROM pg_stat_activity WHERE pg_backend_pid() = ANY (pg_blocking_pids(pid))',
    )
    if (rows.length > 0) return
    await setImmediate()
  }
}
