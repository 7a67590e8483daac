import { cp, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Database, openDatabase } from '../../src/db/connect.ts'
import { copyEmbedded } from '../harness/embedded.ts'
import { PRISMA_DIR } from '../harness/paths.ts'
import { recordingLog } from '../harness/recording-log.ts'
import { describeWithPostgres } from '../services/describe-with.ts'

const GOOD = `
CREATE TABLE counted (n int);
-- A body with ; and quotes in it.
CREATE FUNCTION counted_twice() RETURNS text LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO counted VALUES (1); INSERT INTO counted VALUES (2);
  RETURN 'it''s; $1';
END $$;
`
const BROKEN = 'CREATE TABLE halfway (n int); SELECT no_such_function(); CREATE TABLE after_it (n int);'
const CORRECTED = 'CREATE TABLE halfway (n int); CREATE TABLE after_it (n int);'

let folder: string
let dataDir: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'parley-test-'))
  dataDir = join(folder, 'data')
  await mkdir(dataDir)
  await cp(PRISMA_DIR, join(folder, 'prisma'), { recursive: true })
})
afterEach(() => rm(folder, { recursive: true, force: true }))

describe('migrations on the embedded database', () => {
  migrationTests(async () => {
    await copyEmbedded(dataDir)
    return null
  })
})

describeWithPostgres('migrations on a PostgreSQL server', ({ createDatabase }) => {
  migrationTests(createDatabase)

  it('a process starts while another one that migrated goes on working', async () => {
    const url = await createDatabase()
    const first = await open(url)
    const held = await first.prisma.$queryRaw`SELECT count(*)::int AS locks FROM pg_locks
      WHERE locktype = 'advisory'
        AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`
    expect(held).toEqual([{ locks: 0 }])
    await (await open(url)).close()
    await first.close()
  })

  it('[M1] a program of the version before starts on what the next one has migrated', async () => {
    const url = await createDatabase()
    const next = await add('29990101000000_extra', GOOD)
    const newer = await open(url)
    await next.remove()
    const older = await open(url)
    expect(await applied(older)).toEqual(await applied(newer))
    await Promise.all([newer.close(), older.close()])
  })

  it('four migrators at once all succeed and apply each migration once', async () => {
    await add('29990101000000_extra', GOOD)
    const url = await createDatabase()
    const databases = await Promise.all([open(url), open(url), open(url), open(url)])
    const names = await Promise.all(databases.map(applied))
    const entries = await readdir(join(folder, 'prisma', 'migrations'), { withFileTypes: true })
    const every = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name)
    for (const each of names) expect(each.map(({ name }) => name)).toEqual(every.sort())
    await Promise.all(databases.map((database) => database.close()))
  })
})

function migrationTests(prepare: () => Promise<string | null>): void {
  it('runs a migration with functions whole, and once', async () => {
    await add('29990101000000_extra', GOOD)
    const url = await prepare()
    await (await open(url)).close()
    const database = await open(url)
    try {
      expect(await database.prisma.$queryRaw`SELECT counted_twice() AS said`).toEqual([{ said: "it's; $1" }])
      expect(await database.prisma.$queryRaw`SELECT count(*)::int AS n FROM counted`).toEqual([{ n: 2 }])
    } finally {
      await database.close()
    }
  })

  it('fails on a broken migration, says why each time, leaves nothing of it, and takes a corrected one', async () => {
    await add('29990101000000_broken', BROKEN)
    const url = await prepare()
    const reason = 'the migration 29990101000000_broken failed: function no_such_function() does not exist'
    await expect(open(url)).rejects.toThrow(reason)
    await expect(open(url)).rejects.toThrow(reason)
    // Makes again what the broken one made before it broke.
    await add('29990101000000_broken', CORRECTED)
    const database = await open(url)
    try {
      const made = await database.prisma.$queryRaw`SELECT to_regclass('after_it')::text AS made`
      expect(made).toEqual([{ made: 'after_it' }])
      expect(await applied(database)).toContainEqual({ name: '29990101000000_broken' })
    } finally {
      await database.close()
    }
  })

  it('tries a migration again whose process was killed in the middle of it', async () => {
    await add('29990101000000_extra', GOOD)
    const url = await prepare()
    const killed = await open(url)
    // As the record stands while the script runs; what the script had done went with its transaction.
    await killed.prisma.$executeRaw`DROP TABLE counted CASCADE`
    await killed.prisma.$executeRaw`DROP FUNCTION counted_twice`
    await killed.prisma.$executeRaw`UPDATE _prisma_migrations SET finished_at = NULL, applied_steps_count = 0
      WHERE migration_name = '29990101000000_extra'`
    await killed.close()
    const database = await open(url)
    try {
      expect(await database.prisma.$queryRaw`SELECT counted_twice() AS said`).toEqual([{ said: "it's; $1" }])
      expect(await applied(database)).toContainEqual({ name: '29990101000000_extra' })
    } finally {
      await database.close()
    }
  })
}

function applied({ prisma }: Database): Promise<{ name: string }[]> {
  return prisma.$queryRaw<{ name: string }[]>`
    SELECT migration_name AS name FROM _prisma_migrations
     WHERE finished_at IS NOT NULL AND rolled_back_at IS NULL ORDER BY name`
}

async function add(name: string, sql: string) {
  const migration = join(folder, 'prisma', 'migrations', name)
  await mkdir(migration, { recursive: true })
  await writeFile(join(migration, 'migration.sql'), sql)
  return { remove: () => rm(migration, { recursive: true }) }
}

function open(url: string | null): Promise<Database> {
  return openDatabase({ url, dataDir, prismaDir: join(folder, 'prisma'), log: recordingLog().log })
}
