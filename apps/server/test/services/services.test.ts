import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { Client } from 'pg'
import { createClient } from 'redis'
import { expect, it, vi } from 'vitest'
import { describeWithPostgres, describeWithRedis } from './describe-with.ts'
import { startPostgres } from './postgres.ts'
import { startRedis } from './redis.ts'

describeWithPostgres('a PostgreSQL server for tests', ({ createDatabase }) => {
  it('gives each caller an empty database of its own', async () => {
    const [one, other] = await Promise.all([createDatabase(), createDatabase()])
    await query(one, 'CREATE TABLE only_here (n int)')
    await expect(query(other, 'SELECT * FROM only_here')).rejects.toThrow('does not exist')
  })

  it('keeps what was committed through kill -9', async () => {
    const server = await startPostgres()
    try {
      const url = await server.createDatabase()
      await query(url, 'CREATE TABLE kept (n int)')
      await query(url, 'INSERT INTO kept VALUES (7)')
      await server.kill9()
      await expect(query(url, 'SELECT 1')).rejects.toThrow()
      await server.start()
      expect(await query(url, 'SELECT n FROM kept')).toEqual([{ n: 7 }])
    } finally {
      await server.stop()
    }
  })

  it('goes, with its folder, when the process that started it is killed', async () => {
    const owner = spawn(process.execPath, ['--import', 'tsx', '-e', OWNER], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const [printed] = await once(owner.stdout, 'data')
    const { url, folder } = JSON.parse(String(printed))
    expect(existsSync(folder)).toBe(true)
    owner.kill('SIGKILL')
    await vi.waitUntil(() => !existsSync(folder), { timeout: 20_000, interval: 50 })
    await expect(query(url, 'SELECT 1')).rejects.toThrow()
  })
})

describeWithRedis('a Redis server for tests', ({ url }) => {
  it('answers, and starts again after kill -9', async () => {
    await ask(url)
    const server = await startRedis()
    try {
      await server.kill9()
      await expect(ask(server.url)).rejects.toThrow()
      await server.start()
      expect(await ask(server.url)).toBe('PONG')
    } finally {
      await server.stop()
    }
  })
})

const OWNER = `
import { startPostgres } from ${JSON.stringify(new URL('postgres.ts', import.meta.url).href)}
import { Client } from 'pg'
const { url } = await startPostgres()
const client = new Client({ connectionString: url })
await client.connect()
const { rows } = await client.query('SHOW unix_socket_directories')
await client.end()
console.log(JSON.stringify({ url, folder: rows[0].unix_socket_directories }))
setInterval(() => {}, 1000)
`

async function query(url: string, sql: string): Promise<unknown[]> {
  const client = new Client({ connectionString: url })
  client.on('error', () => {})
  await client.connect()
  try {
    return (await client.query(sql)).rows
  } finally {
    await client.end()
  }
}

async function ask(url: string): Promise<string> {
  const client = createClient({ url, socket: { reconnectStrategy: false } })
  client.on('error', () => {})
  try {
    await client.connect()
    return await client.ping()
  } finally {
    if (client.isOpen) client.destroy()
  }
}
