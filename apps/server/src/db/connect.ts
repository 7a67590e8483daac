import { mkdir } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { PrismaPg } from '@prisma/adapter-pg'
import pg from 'pg'
import { PrismaPGlite } from 'pglite-prisma-adapter'
import type { Log } from '../chat/ports.ts'
import { lockDirectory } from './directory-lock.ts'
import { PrismaClient } from './generated/client.ts'
import { type MigrationTarget, migrate } from './migrate.ts'
import { QueuedPGlite } from './pglite.ts'

/** An open database, migrated to this program's version. */
export interface Database {
  readonly prisma: PrismaClient
  /** Embedded: only this process uses it. */
  readonly embedded: boolean
  /** For the start line; without a password. */
  readonly description: string
  close(): Promise<void>
}

/** Which database to open: a PostgreSQL server by `url`, else the embedded one in `dataDir`. */
export interface DatabaseConfig {
  readonly url: string | null
  readonly dataDir: string
  /** Folder of `schema.prisma` and `migrations/`. */
  readonly prismaDir: string
  /** Connections to a PostgreSQL server at most. */
  readonly poolSize?: number
  readonly log: Log
}

/** How long a connection may take to open, and a statement to run, in milliseconds. */
const CONNECT_TIMEOUT_MS = 5_000
const STATEMENT_TIMEOUT_MS = 15_000
/** Connections at most, unless the address says otherwise. */
const POOL_SIZE = 10

interface Opened {
  readonly adapterFactory: MigrationTarget['adapterFactory']
  readonly migration: MigrationTarget
  readonly description: string
  close(): Promise<void>
}

/**
 * Opens the database and brings it to the newest migration.
 *
 * @throws {DirectoryLocked} when another process has the embedded one.
 * @throws {Error} for every other reason; the message names the database and the reason, no password.
 */
export async function openDatabase(config: DatabaseConfig): Promise<Database> {
  const opened = config.url === null ? await openEmbedded(config) : openServer(config.url, config)
  try {
    await migrate(opened.migration, config.prismaDir)
    const prisma = new PrismaClient({ adapter: opened.adapterFactory, errorFormat: 'minimal' })
    await assertReadCommitted(prisma)
    return {
      prisma,
      embedded: config.url === null,
      description: opened.description,
      close: async () => {
        await prisma.$disconnect()
        await opened.close()
      },
    }
  } catch (cause) {
    await opened.close().catch(() => undefined)
    throw new Error(`the database (${opened.description}) cannot be used: ${reasonOf(cause)}`, { cause })
  }
}

/** A name with several addresses fails with one error for each of them and no words of its own. */
function reasonOf(cause: unknown): string {
  if (cause instanceof AggregateError && cause.message === '') return cause.errors.map(reasonOf).join(', ')
  return cause instanceof Error ? cause.message.trim() : String(cause)
}

async function openEmbedded({ dataDir }: DatabaseConfig): Promise<Opened> {
  const directory = resolve(dataDir)
  await mkdir(directory, { recursive: true })
  const unlock = await lockDirectory(directory)
  const pglite = new QueuedPGlite(join(directory, 'pglite'))
  try {
    await pglite.waitReady
  } catch (cause) {
    await unlock()
    throw cause
  }
  const adapterFactory = new PrismaPGlite(pglite)
  const runScript = async (script: string) => {
    await pglite.exec(script)
  }
  return {
    adapterFactory,
    migration: { adapterFactory, runScript },
    description: `embedded (${dataDir})`,
    close: async () => {
      await pglite.close()
      await unlock()
    },
  }
}

function openServer(url: string, { log, poolSize }: DatabaseConfig): Opened {
  const pool = new pg.Pool({
    connectionString: url,
    application_name: 'parley',
    max: poolSize ?? connectionLimit(url),
    keepAlive: true,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    query_timeout: STATEMENT_TIMEOUT_MS,
    // Prisma's adapter writes instants without a zone and drops the zone of those it reads.
    onConnect: async (client) => {
      await client.query("SET TIME ZONE 'UTC'")
    },
  })
  // An idle connection that breaks would otherwise end the process; the pool opens a new one by itself.
  const onBroken = (error: Error) => log.warn({ reason: error.message }, 'a database connection broke')
  pool.on('error', onBroken)
  const { host, pathname } = new URL(url)
  return {
    adapterFactory: new PrismaPg(pool, {
      onPoolError: onBroken,
      onConnectionError: onBroken,
      statementNameGenerator: preparedNames(),
    }),
    description: `PostgreSQL at ${host}${pathname}`,
    migration: {
      // A connection of its own: the migrator's advisory lock lasts as long as its connection, and one
      // of the pool would keep it and make every later process wait.
      adapterFactory: new PrismaPg(
        { connectionString: url, max: 1, connectionTimeoutMillis: CONNECT_TIMEOUT_MS },
        { onPoolError: onBroken, onConnectionError: onBroken },
      ),
      runScript: (script) => runOnServer(url, script),
    },
    close: () => pool.end(),
  }
}

/** `?connection_limit=…` of the address, as Prisma reads it. */
function connectionLimit(url: string): number {
  return Number(new URL(url).searchParams.get('connection_limit')) || POOL_SIZE
}

/** The hot path's few statements are prepared once a connection; all others vary and are not kept. */
function preparedNames(): (query: { sql: string }) => string {
  const names = new Map<string, string>()
  return ({ sql }) => {
    if (!sql.includes('chat_')) return ''
    const name = names.get(sql) ?? `chat_${names.size}`
    names.set(sql, name)
    return name
  }
}

async function runOnServer(url: string, script: string): Promise<void> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: CONNECT_TIMEOUT_MS })
  // The query fails by itself when the connection breaks; the event alone would end the process.
  client.on('error', () => undefined)
  await client.connect()
  try {
    await client.query(script)
  } finally {
    await client.end()
  }
}

/** Under a stricter isolation the functions would read what was there before their lock [M1]. */
async function assertReadCommitted(prisma: PrismaClient): Promise<void> {
  const rows = await prisma.$queryRaw<{ level: string }[]>`
    SELECT current_setting('default_transaction_isolation') AS level`
  const level = rows[0]?.level
  if (level !== 'read committed') {
    throw new Error(`the database must run at "read committed" by default, but runs at "${level}"`)
  }
}
