import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PGlite } from '@electric-sql/pglite'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { QueuedPGlite } from '../../src/db/pglite.ts'
import { copyEmbedded } from '../harness/embedded.ts'
import { startChild } from './child.ts'
import { embeddedStage, type Stage } from './stage.ts'

const ROUNDS = 2

describe('the embedded database', () => {
  let stage: Stage
  let folder: string

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'parley-test-'))
    stage = await embeddedStage()
  })
  afterAll(async () => {
    await stage?.close()
    await rm(folder, { recursive: true, force: true })
  })

  it('lets the event loop turn between two calls, however many wait', () => loopTurns(folder))

  it('runs transactions and single calls side by side, and takes back what failed', async () => {
    const { prisma } = stage.database
    const user = (id: string) => ({ data: { id, name: id, email: id } })
    const transactions = Array.from({ length: 30 }, (_, n) =>
      prisma.$transaction(async (tx) => {
        await tx.user.create(user(`tx-${n}`))
        expect(await tx.user.count({ where: { id: `tx-${n}` } })).toBe(1)
        if (n % 3 === 0) throw new Error('changed my mind')
      }),
    )
    const singles = Array.from({ length: 30 }, (_, n) => prisma.user.create(user(`single-${n}`)))
    const settled = await Promise.allSettled(transactions)
    await Promise.all(singles)
    expect(settled.filter(({ status }) => status === 'rejected')).toHaveLength(10)
    expect(await prisma.user.count({ where: { id: { startsWith: 'tx-' } } })).toBe(20)
    expect(await prisma.user.count({ where: { id: { startsWith: 'single-' } } })).toBe(30)
  })

  it('case e5: a call that fails does not hold up those behind it', async () => {
    const { prisma } = stage.database
    const calls = [prisma.$queryRaw`SELECT no_such_function()`, prisma.$queryRaw`SELECT 1 AS n`]
    const [failed, fine] = await Promise.allSettled(calls)
    expect(failed).toMatchObject({ status: 'rejected' })
    expect(fine).toEqual({ status: 'fulfilled', value: [{ n: 1 }] })
  })

  // Four starts of the embedded database, two of them in a new process.
  it('case e5: after kill -9 in mid-insert every acknowledged row is there', {
    timeout: 90_000,
  }, async () => {
    const dataDir = join(folder, 'killed')
    await copyEmbedded(dataDir)
    const written: string[] = []
    for (let round = 1; round <= ROUNDS; round++) {
      const writer = startChild('row-writer', dataDir)
      while (written.length < 25 * round) written.push(Written.parse(await writer.hear()).written)
      await writer.kill9()
      // The next round's writer takes over the lock, too.
      const pglite = new PGlite(join(dataDir, 'pglite'))
      const { rows } = await pglite.query('SELECT 1 FROM "User" WHERE id = ANY ($1)', [written])
      await pglite.close()
      expect(rows).toHaveLength(written.length)
    }
  })
})

const Written = z.object({ written: z.string() })

async function loopTurns(folder: string): Promise<void> {
  const dataDir = join(folder, 'busy')
  await copyEmbedded(dataDir)
  const pglite = new QueuedPGlite(join(dataDir, 'pglite'))
  await pglite.waitReady
  const seen: string[] = []
  let over = false
  const turn = () => {
    seen.push('turn')
    if (!over) setImmediate(turn)
  }
  const timer = setInterval(() => seen.push('timer'), 1)
  setImmediate(turn)
  const calls = Array.from({ length: 200 }, (_, n) =>
    (n % 2 === 0 ? pglite.query('SELECT 1') : pglite.exec('SELECT 1')).then(() => seen.push('call')),
  )
  await Promise.all(calls)
  over = true
  clearInterval(timer)
  await pglite.close()

  const calledAt = seen.flatMap((what, n) => (what === 'call' ? n : []))
  const between = calledAt.slice(1).map((at, n) => seen.slice(calledAt[n], at))
  expect(between).toHaveLength(199)
  expect(between.filter((some) => !some.includes('turn'))).toEqual([])
  expect(seen.slice(0, calledAt.at(-1))).toContain('timer')
}
