import { execFileSync } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { Client } from 'pg'
import { findProgram, postgresFolders } from './programs.ts'
import { type Account, end, freePort, makeSandbox, type Sandbox, untilReady } from './sandbox.ts'

/** How often a start is tried that meets the rest of a killed server, and the wait between, in milliseconds. */
const RELAUNCHES = 50
const RELAUNCH_MS = 100

/** A PostgreSQL server of a test's own. */
export interface PostgresServer {
  /** Of its maintenance database, as a superuser. */
  readonly url: string
  /** Makes an empty database and gives its URL. */
  createDatabase(): Promise<string>
  /** Starts the server again, on the same port and data, after `shutDown` or `kill9`. */
  start(): Promise<void>
  /** Stops the server as an operator would: connections are cut, data is written. */
  shutDown(): Promise<void>
  /** Kills the server; what was committed is there after `start`. */
  kill9(): Promise<void>
  /** Ends the server for good and removes its data. */
  stop(): Promise<void>
}

/**
 * Starts a server with an empty cluster; takes about two seconds.
 *
 * @throws {ProgramMissing} where PostgreSQL is not installed.
 */
export async function startPostgres(): Promise<PostgresServer> {
  const programs = { initdb: find('initdb'), postgres: find('postgres') }
  const sandbox = makeSandbox(unprivileged())
  try {
    await initialise(sandbox, programs.initdb)
    return await serve(sandbox, programs.postgres)
  } catch (error) {
    await sandbox.remove()
    throw error
  }
}

/** Makes an empty database on a server and gives its URL. */
export async function createDatabase(serverUrl: string, prefix = 'parley_'): Promise<string> {
  const name = `${prefix}${randomUUID().replaceAll('-', '')}`
  await query(serverUrl, `CREATE DATABASE "${name}" TEMPLATE template0`)
  const url = new URL(serverUrl)
  url.pathname = `/${name}`
  return url.href
}

/** Drops every database whose name begins with the prefix. */
export async function dropDatabases(serverUrl: string, prefix: string): Promise<void> {
  const found = await query(serverUrl, 'SELECT datname FROM pg_database WHERE starts_with(datname, $1)', [
    prefix,
  ])
  for (const { datname } of found) await query(serverUrl, `DROP DATABASE IF EXISTS "${datname}" WITH (FORCE)`)
}

function find(program: string): string {
  return findProgram(program, postgresFolders())
}

/** PostgreSQL refuses to run as root. */
function unprivileged(): Account | undefined {
  if (process.getuid?.() !== 0) return undefined
  const id = (flag: string) => Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }))
  return { uid: id('-u'), gid: id('-g') }
}

async function initialise(sandbox: Sandbox, initdb: string): Promise<void> {
  const args = ['-D', dataOf(sandbox), '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--locale=C']
  const [code] = await once(sandbox.run(initdb, [...args, '--no-sync']), 'exit')
  if (code !== 0) throw new Error(`initdb failed:\n${sandbox.log()}`)
}

async function serve(sandbox: Sandbox, postgres: string): Promise<PostgresServer> {
  const port = await freePort()
  const url = `postgresql://postgres@127.0.0.1:${port}/postgres`
  const launch = async () => {
    const child = sandbox.run(postgres, ['-D', dataOf(sandbox), '-p', `${port}`, ...settings(sandbox)])
    await untilReady(child, sandbox, async () => void (await query(url, 'SELECT 1')))
    return child
  }
  let server = await launch()
  const relaunch = async (tries: number): Promise<void> => {
    try {
      server = await launch()
    } catch (error) {
      // What a killed server had begun lives on for a moment and holds its memory.
      if (tries <= 1 || !sandbox.log().includes('pre-existing shared memory block')) throw error
      await setTimeout(RELAUNCH_MS)
      await relaunch(tries - 1)
    }
  }
  return {
    url,
    createDatabase: () => createDatabase(url),
    start: () => relaunch(RELAUNCHES),
    shutDown: () => end(server, 'SIGINT'),
    kill9: () => end(server, 'SIGKILL'),
    stop: () => sandbox.remove(),
  }
}

function dataOf(sandbox: Sandbox): string {
  return join(sandbox.folder, 'data')
}

/**
 * Without fsync and full pages, commits survive the death of the server, since the system still
 * holds what was written; only a crash of the machine would lose them, and no test crashes that.
 * `synchronous_commit` stays on: without it a commit that was answered may not have been written.
 */
function settings(sandbox: Sandbox): string[] {
  return [
    'fsync=off',
    'full_page_writes=off',
    'synchronous_commit=on',
    'max_connections=200',
    'listen_addresses=127.0.0.1',
    `unix_socket_directories=${sandbox.folder}`,
  ].flatMap((setting) => ['-c', setting])
}

async function query(url: string, sql: string, values: string[] = []): Promise<{ datname: string }[]> {
  const client = new Client({ connectionString: url })
  client.on('error', () => {})
  await client.connect()
  try {
    return (await client.query<{ datname: string }>(sql, values)).rows
  } finally {
    await client.end()
  }
}
