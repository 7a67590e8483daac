import { cp, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { type Database, openDatabase } from '../../src/db/connect.ts'
import { PRISMA_DIR } from '../harness/paths.ts'
import { recordingLog } from '../harness/recording-log.ts'
import { describeWithPostgres } from '../services/describe-with.ts'
import { serverStage, storeOn, sure } from './stage.ts'

/** The migration that made jumps; what was there before it is filled in. */
const JUMPS = '20261126000002_long_branches'
const LENGTH = 300

describeWithPostgres('the migration that remembers where branches part', ({ createDatabase }) => {
  it('[M6] gives the messages that were there already the depth and the jumps of new ones', async () => {
    const url = await createDatabase()
    const before = await openBefore(url)
    await fillSession(before, 'old')
    await before.close()

    const stage = await serverStage(url)
    onTestFinished(() => stage.close())
    await fillSession(stage.database, 'new')
    const [old, made] = [await jumps(stage.database, 'old'), await jumps(stage.database, 'new')]
    expect(old).toHaveLength(LENGTH + 1)
    expect(old).toEqual(made)
    expect(old.map(({ depth }) => depth)).toEqual([...Array(LENGTH).keys(), 1])

    // The branch that is hidden since before is found, and the way back is the one that was left.
    const choose = async (messageId: string) => {
      const request = { userId: 'ada-old', sessionId: 'old', messageId, shown: [] }
      const result = await storeOn(stage.database).selectBranch(request)
      return result.outcome === 'selected' ? result.change.session.activeLeafId : result.outcome
    }
    expect(await choose(`old-${LENGTH + 1}`)).toBe(`old-${LENGTH + 1}`)
    expect(await choose('old-2')).toBe(`old-${LENGTH}`)
  })
})

/** A database as it was before that migration. */
async function openBefore(url: string): Promise<Database> {
  const folder = await mkdtemp(join(tmpdir(), 'parley-test-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const names = (await readdir(join(PRISMA_DIR, 'migrations'))).filter((name) => name >= JUMPS)
  const later = new Set(names.filter((name) => name.startsWith('2')))
  await cp(PRISMA_DIR, folder, { recursive: true, filter: (path) => !later.has(basename(path)) })
  return openDatabase({ url, dataDir: '', prismaDir: folder, log: recordingLog().log })
}

/** A session of one long branch, and a second one from its first message on. */
async function fillSession({ prisma }: Database, id: string): Promise<void> {
  const [user, leaf] = [`ada-${id}`, `${id}-${LENGTH}`]
  await prisma.$executeRaw`INSERT INTO "User" (id, name, email) VALUES (${user}, ${user}, ${user})`
  await prisma.$executeRaw`INSERT INTO "Persona" (id, "currentVersionId") VALUES (${id}, ${id})`
  await prisma.$executeRaw`INSERT INTO "ChatSession" (id, "userId", "personaId", revision, "activeLeafId")
    VALUES (${id}, ${user}, ${id}, ${LENGTH + 1}, ${leaf})`
  await prisma.$executeRaw`
    INSERT INTO "Message" (id, "sessionId", "parentId", seq, revision, sender, content, status)
    SELECT ${id} || '-' || n, ${id},
        CASE n WHEN 1 THEN NULL WHEN ${LENGTH + 1} THEN ${id} || '-1' ELSE ${id} || '-' || n - 1 END, n, n,
        CASE n % 2 WHEN 0 THEN 'user' ELSE 'ai' END, 'text', 'complete'
      FROM generate_series(1, ${LENGTH + 1}::int) n`
}

/** Each message's depth and how far its jump goes, in the order of the messages. */
async function jumps({ prisma }: Database, sessionId: string) {
  const rows = await prisma.$queryRaw<{ depth: number; jump: number | null }[]>`
    SELECT m.depth, m.depth - j.depth AS jump FROM "Message" m LEFT JOIN "Message" j ON j.id = m."jumpId"
     WHERE m."sessionId" = ${sessionId} ORDER BY m.seq`
  for (const { jump } of rows) sure(jump)
  return rows
}
