import { randomUUID } from 'node:crypto'
import type { Change } from '@parley/protocol'
import fc from 'fast-check'
import pg from 'pg'
import { expect, it, vi } from 'vitest'
import type { ReplyJob, Store } from '../../src/chat/ports.ts'
import type { Database } from '../../src/db/connect.ts'
import { describeWithPostgres } from '../services/describe-with.ts'
import { ended, type Owned, openServer, type Stage, said, serverStage, storeOn } from './stage.ts'

const KINDS = [
  ...(['commit', 'commit', 'finish', 'finish', 'flush', 'flush', 'stop', 'claim', 'stranded'] as const),
  ...(['edit', 'regenerate', 'regenerate', 'select'] as const),
] as const
const LANES = 6
/** A budget that nobody reaches, so that all its locks are taken. */
const spend = { guest: 0, account: 1_000_000_000, reply: 100 }

const operation = fc.record({
  kind: fc.constantFrom(...KINDS),
  node: fc.constantFrom(0, 1),
  pick: fc.nat(1000),
})
type Operation = typeof operation extends fc.Arbitrary<infer T> ? T : never

describeWithPostgres('a storm of calls from two processes', ({ createDatabase }) => {
  it('[M1][M2][M3][M4][M6][R3][R4][R6] leaves every session whole', async () => {
    const url = await createDatabase()
    const stage = await serverStage(url)
    const second = await openServer(url)
    try {
      await fc.assert(
        fc.asyncProperty(fc.array(operation, { minLength: 40, maxLength: 90, size: 'max' }), (operations) =>
          runStorm(stage, second, operations),
        ),
        { numRuns: 15, endOnFailure: true },
      )
    } finally {
      await second.close()
      await stage.close()
    }
    expect(await deadlocks(url)).toBe(0)
  })
})

/** What the two processes know while the storm is on. */
interface Storm {
  readonly stage: Stage
  readonly stores: readonly [Store, Store]
  readonly owned: readonly Owned[]
  readonly jobs: { job: ReplyJob; node: number; saved: number }[]
  readonly replies: { owned: Owned; replyId: string; messageId: string }[]
  readonly changes: Map<string, Change[]>
  readonly committed: { sessionId: string; id: string }[]
}

async function runStorm(stage: Stage, second: Database, operations: readonly Operation[]): Promise<void> {
  const owned = [await stage.session(), await stage.session()]
  const storm: Storm = {
    stage,
    // The first loses its leases at once, so that the second claims while the first goes on.
    stores: [stage.otherStore({ leaseMs: 0, spend }), storeOn(second, { spend })],
    owned,
    jobs: [],
    replies: [],
    changes: new Map(owned.map(({ sessionId }) => [sessionId, []])),
    committed: [],
  }
  const lanes = Array.from({ length: LANES }, (_, lane) => operations.filter((_, n) => n % LANES === lane))
  await Promise.all(
    lanes.map(async (lane) => {
      for (const one of lane) await perform(storm, one)
    }),
  )
  await expectInvariants(storm)
  await settle(storm)
  await expectInvariants(storm)
  const left = { sessionId: { in: owned.map(({ sessionId }) => sessionId) } }
  const open = { ...left, status: { in: ['live', 'waiting'] } }
  expect(await stage.database.prisma.message.count({ where: open })).toBe(0)
  expect(await stage.database.prisma.spendHold.count()).toBe(0)
}

async function perform(storm: Storm, { kind, node, pick }: Operation): Promise<void> {
  const store = node === 0 ? storm.stores[0] : storm.stores[1]
  const one = <T>(list: readonly T[]): T | undefined => list[pick % Math.max(1, list.length)]
  const mine = storm.jobs.filter((held) => held.node === node)
  if (kind === 'commit') return commit(storm, store, node, one(storm.owned))
  if (kind === 'finish') return finishOne(storm, store, node, one(storm.jobs)?.job)
  if (kind === 'flush') return flushAll(store, mine)
  if (kind === 'stop') return stopOne(storm, store, one(storm.replies))
  if (kind === 'edit' || kind === 'regenerate') return branchOff(storm, kind, node, one(storm.replies))
  if (kind === 'select') return selectOne(storm, store, one(storm.replies))
  if (kind === 'claim') {
    const held = mine.map(({ job }) => job.replyId)
    const taken = await store.claimReplies({ limit: 5, held, alone: false })
    storm.jobs.push(...taken.map((job) => ({ job, node, saved: 0 })))
    return
  }
  for (const { change, job } of await store.startStranded(5)) {
    storm.changes.get(change.session.id)?.push(change)
    if (job) storm.jobs.push({ job, node, saved: 0 })
  }
}

async function commit(storm: Storm, store: Store, node: number, owned: Owned | undefined): Promise<void> {
  if (!owned) return
  const id = randomUUID()
  const [result, repeat] = await Promise.all([
    store.commitTurn(said(owned, id, id)),
    storm.stores[1].commitTurn(said(owned, id, id)),
  ])
  const outcomes = [result.outcome, repeat.outcome]
  expect(outcomes.filter((outcome) => outcome === 'committed').length).toBeLessThanOrEqual(1)
  for (const taken of [result, repeat]) {
    if (taken.outcome !== 'committed') continue
    storm.committed.push({ sessionId: owned.sessionId, id })
    storm.changes.get(owned.sessionId)?.push(taken.change)
    const [message, reply] = taken.change.messages
    if (message && reply) storm.replies.push({ owned, replyId: reply.id, messageId: message.id })
    if (taken.job) storm.jobs.push({ job: taken.job, node, saved: 0 })
  }
}

/** Twice at once, from both processes. */
async function branchOff(
  storm: Storm,
  kind: 'edit' | 'regenerate',
  node: number,
  target: Storm['replies'][number] | undefined,
): Promise<void> {
  if (!target) return
  const { owned, replyId, messageId } = target
  const id = randomUUID()
  const stores = node === 0 ? storm.stores : storm.stores.toReversed()
  const results = await Promise.all(
    stores.map((store) =>
      kind === 'edit'
        ? store.editMessage({ ...owned, messageId, content: id, clientMessageId: id, shown: [] })
        : store.regenerate({ ...owned, messageId: replyId, clientRequestId: id, shown: [] }),
    ),
  )
  expect(results.map(({ outcome }) => outcome).sort()).toEqual(['committed', 'duplicate'])
  for (const [index, result] of results.entries()) {
    if (result.outcome !== 'committed') continue
    const { change, job } = result
    if (kind === 'edit') storm.committed.push({ sessionId: owned.sessionId, id })
    storm.changes.get(owned.sessionId)?.push(change)
    const parent = change.messages.find((row) => row.id === job.replyId)?.parentId ?? ''
    storm.replies.push({ owned, replyId: job.replyId, messageId: parent })
    storm.jobs.push({ job, node: index === 0 ? node : 1 - node, saved: 0 })
  }
}

async function selectOne(
  storm: Storm,
  store: Store,
  target: Storm['replies'][number] | undefined,
): Promise<void> {
  if (!target) return
  const { owned, replyId } = target
  const result = await store.selectBranch({ ...owned, messageId: replyId, shown: [] })
  if (result.outcome !== 'selected') throw new Error(`the choice was ${result.outcome}`)
  const { change } = result
  if (change.revision > change.prevRevision) storm.changes.get(owned.sessionId)?.push(change)
}

async function finishOne(storm: Storm, store: Store, node: number, job?: ReplyJob): Promise<void> {
  if (!job) return
  const index = storm.jobs.findIndex((held) => held.job === job)
  if (index >= 0) storm.jobs.splice(index, 1)
  const result = await store.finishReply(ended(job, `by ${node} at ${job.epoch}`))
  if (result.outcome === 'fenced') return
  const seen = storm.changes.get(job.sessionId)
  // A repeat has the revision of the first; each change counts once.
  if (!seen?.some(({ revision }) => revision === result.change.revision)) seen?.push(result.change)
  if (result.next) storm.jobs.push({ job: result.next, node, saved: 0 })
}

async function flushAll(store: Store, held: Storm['jobs']): Promise<void> {
  const rows = held.map((one) => ({
    replyId: one.job.replyId,
    epoch: one.job.epoch,
    offset: one.saved++,
    text: 'x',
  }))
  const once = new Map(rows.map((row) => [row.replyId, row]))
  await store.flush([...once.values()])
}

async function stopOne(
  storm: Storm,
  store: Store,
  target: Storm['replies'][number] | undefined,
): Promise<void> {
  if (!target) return
  const { owned, replyId } = target
  const result = await store.stopReply(owned.userId, owned.sessionId, replyId)
  if (result.outcome === 'cancelled') storm.changes.get(owned.sessionId)?.push(result.change)
}

/** What a surviving process does: it takes everything over, ends it, and starts what waits. */
async function settle(storm: Storm): Promise<void> {
  storm.jobs.length = 0
  const [store] = storm.stores
  for (let quiet = false; !quiet; ) {
    const claimed = await store.claimReplies({ limit: 50, held: [], alone: true })
    const started = await store.startStranded(50)
    for (const { change } of started) storm.changes.get(change.session.id)?.push(change)
    const jobs = [...claimed, ...started.flatMap(({ job }) => job ?? [])]
    storm.jobs.push(...jobs.map((job) => ({ job, node: 0, saved: 0 })))
    quiet = storm.jobs.length === 0
    for (let held = storm.jobs[0]; held; held = storm.jobs[0]) await finishOne(storm, store, 0, held.job)
  }
}

async function expectInvariants({ stage, owned, committed, changes }: Storm): Promise<void> {
  const { prisma } = stage.database
  for (const { userId, sessionId } of owned) {
    const rows = await prisma.message.findMany({ where: { sessionId }, include: { chunks: true } })
    const snapshot = await stage.store.snapshot(userId, sessionId)
    expect(rows.filter(({ status }) => status === 'live').length).toBeLessThanOrEqual(1)
    const newest = Math.max(...rows.map(({ revision }) => revision))
    expect(snapshot?.session.revision).toBeGreaterThanOrEqual(newest)
    expectTree(rows, snapshot?.session.activeLeafId ?? null)
    expect(rows.filter(({ status, chunks }) => status !== 'live' && chunks.length > 0)).toEqual([])
    const ids = rows.flatMap(({ clientMessageId }) => clientMessageId ?? [])
    const expected = committed.filter((one) => one.sessionId === sessionId).map(({ id }) => id)
    expect(ids.sort()).toEqual(expected.sort())
    let at = 1
    const chain = (changes.get(sessionId) ?? []).toSorted((a, b) => a.revision - b.revision)
    for (const { prevRevision, revision } of chain) {
      expect(prevRevision).toBe(at)
      at = revision
    }
    expect(snapshot?.session.revision).toBe(at)
  }
}

interface Row {
  readonly id: string
  readonly parentId: string | null
  readonly seq: number
  readonly revision: number
  readonly status: string
}

/** Rows change with a sibling's birth; what is live or waits is shown; the shown branch goes on to its end. */
function expectTree(rows: readonly Row[], leafId: string | null): void {
  for (const row of rows) {
    const siblings = rows.filter(({ parentId }) => parentId === row.parentId)
    expect(row.revision).toBeGreaterThanOrEqual(Math.max(...siblings.map(({ seq }) => seq)))
  }
  const shown = new Set<string>()
  for (let id = leafId; id !== null; id = rows.find((row) => row.id === id)?.parentId ?? null) shown.add(id)
  const open = rows.filter(({ status }) => status === 'live' || status === 'waiting')
  expect(open.filter(({ id }) => !shown.has(id))).toEqual([])
  expect(rows.filter(({ parentId }) => parentId === leafId)).toEqual([])
}

/** Deadlocks that the server broke. A connection reports its own when it ends, so wait for all to be gone. */
async function deadlocks(url: string): Promise<number> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    await vi.waitUntil(async () => {
      const { rows } = await client.query(
        `SELECT count(*)::int AS others FROM pg_stat_activity
          WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'`,
      )
      return rows[0]?.others === 0
    })
    const { rows } = await client.query(
      'SELECT deadlocks::int FROM pg_stat_database WHERE datname = current_database()',
    )
    return rows[0]?.deadlocks
  } finally {
    await client.end()
  }
}
