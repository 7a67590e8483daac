import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ReplyEnd, ReplyJob, Store } from '../../src/chat/ports.ts'
import { type Database, openDatabase } from '../../src/db/connect.ts'
import { type SeedPersona, seedPersonas } from '../../src/db/personas.ts'
import { createStore, type StoreConfig } from '../../src/db/store.ts'
import { copyEmbedded } from '../harness/embedded.ts'
import { PRISMA_DIR } from '../harness/paths.ts'
import { recordingLog } from '../harness/recording-log.ts'

/** The persona that the tests of this folder talk with. */
export const PERSONA: SeedPersona = {
  id: 'ada@1',
  personaId: 'ada',
  name: 'Ada',
  pitch: 'Counts',
  greeting: 'Hello 👋',
  instructions: 'Count.',
  script: { answers: [], otherwise: ['One.'] },
  picture: '<svg xmlns="http://www.w3.org/2000/svg"/>',
}

/** What a prompt may hold in these tests. */
export const CONTEXT = 4

/** An open database with a persona in it, and a store as one process has it. */
export interface Stage {
  readonly database: Database
  readonly store: Store
  /** The store of another process on the same database, as far as the store can tell. */
  otherStore(config?: Partial<StoreConfig>): Store
  /** Makes a person and gives the id. */
  person(): Promise<string>
  /** A new session of a new person. */
  session(): Promise<Owned>
  close(): Promise<void>
}

/** A session and whose it is. */
export interface Owned {
  readonly userId: string
  readonly sessionId: string
}

/** Opens an embedded database of the test's own. */
export async function embeddedStage(): Promise<Stage> {
  const dataDir = await mkdtemp(join(tmpdir(), 'parley-test-'))
  await copyEmbedded(dataDir)
  const database = await openDatabase({ url: null, dataDir, prismaDir: PRISMA_DIR, log: recordingLog().log })
  return stageOn(database, () => rm(dataDir, { recursive: true, force: true }))
}

/** Opens a database of a PostgreSQL server. */
export async function serverStage(url: string, poolSize = 10): Promise<Stage> {
  return stageOn(await openServer(url, poolSize), async () => {})
}

/** Opens a database of a PostgreSQL server as a process of its own would. */
export function openServer(url: string, poolSize = 10): Promise<Database> {
  const { log } = recordingLog()
  return openDatabase({ url, dataDir: '', prismaDir: PRISMA_DIR, poolSize, log })
}

async function stageOn(database: Database, cleanUp: () => Promise<void>): Promise<Stage> {
  await seedPersonas(database, [PERSONA])
  const person = async () => {
    const id = randomUUID()
    await database.prisma.user.create({ data: { id, name: id, email: `${id}@example.org` } })
    return id
  }
  const store = storeOn(database)
  return {
    database,
    store,
    person,
    otherStore: (config) => storeOn(database, config),
    session: async () => openFor(store, await person()),
    close: async () => {
      await database.close()
      await cleanUp()
    },
  }
}

/** A store of a process of its own. */
export function storeOn(database: Database, config: Partial<StoreConfig> = {}): Store {
  return createStore(database, { nodeId: randomUUID(), contextMessages: CONTEXT, demo: false, ...config })
}

/** What a join asks for, with what a test does not care about filled in. */
export function joining(userId: string, more: Partial<Parameters<Store['openSession']>[0]> = {}) {
  return {
    userId,
    personaId: PERSONA.personaId,
    sessionId: null,
    fresh: false,
    clientRequestId: null,
    greeting: PERSONA.greeting,
    personaVersionId: PERSONA.id,
    ...more,
  }
}

/** The newest session of a person, made if there is none. */
export async function openFor(store: Store, userId: string): Promise<Owned> {
  const opened = await store.openSession(joining(userId))
  if (!opened) throw new Error('no session was opened')
  return { userId, sessionId: opened.sessionId }
}

/** Something said, with what a test does not care about filled in. */
export function said(owned: Owned, content: string, clientMessageId: string | null = null) {
  return { ...owned, content, title: content, clientMessageId }
}

/** Commits a turn that has to be taken. */
export async function say(store: Store, owned: Owned, content: string, clientMessageId?: string) {
  const result = await store.commitTurn(said(owned, content, clientMessageId))
  if (result.outcome !== 'committed') throw new Error(`the turn was not committed: ${result.outcome}`)
  const [message, reply] = result.change.messages
  if (!message || !reply) throw new Error('a turn has two rows')
  return { ...result, message, reply }
}

/** Commits a turn that is to be answered at once. */
export async function sayLive(store: Store, owned: Owned, content = 'hi') {
  const turn = await say(store, owned, content)
  return { ...turn, job: sure(turn.job) }
}

/** The end of a reply that its model finished. */
export function ended(job: Pick<ReplyJob, 'replyId' | 'epoch'>, content: string): ReplyEnd {
  return {
    replyId: job.replyId,
    epoch: job.epoch,
    content,
    status: 'complete',
    finishReason: 'stop',
    error: null,
    usage: { promptTokens: 3, completionTokens: 2 },
    tokens: 5,
    demo: false,
  }
}

/** Finishes a reply that has to be ours. */
export async function finish(store: Store, job: Pick<ReplyJob, 'replyId' | 'epoch'>, content = 'fine') {
  const result = await store.finishReply(ended(job, content))
  if (result.outcome !== 'saved') throw new Error('the reply was not ours')
  return result
}

/** A piece of a live reply. */
export function piece(job: Pick<ReplyJob, 'replyId' | 'epoch'>, offset: number, text: string) {
  return { replyId: job.replyId, epoch: job.epoch, offset, text }
}

/** A value that has to be there. */
export function sure<T>(value: T | null | undefined): T {
  if (value === null || value === undefined) throw new Error('expected a value')
  return value
}
