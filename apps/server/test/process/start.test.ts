import { once } from 'node:events'
import { mkdir, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { guestCredentials } from '@parley/client'
import { describe, expect, it, onTestFinished } from 'vitest'
import { freePort } from '../services/sandbox.ts'
import { openClient, openVisitor } from './people.ts'
import { dataDirectory, launchServer, startServer, TIMEOUT_MS } from './server-process.ts'

/** Starts a server that cannot start, and gives what the operator reads. */
async function refusal(env: Record<string, string>): Promise<string> {
  const program = launchServer(env)
  expect(await program.ended).toEqual({ code: 1, signal: null })
  expect(program.stdout()).not.toContain('ready')
  return program.stderr()
}

describe('the start', { timeout: TIMEOUT_MS }, () => {
  it('says in one line where the server is and what it uses, and no secret', async () => {
    const DATA_DIR = await dataDirectory()
    const server = await startServer({
      DATA_DIR,
      OPENAI_API_KEY: 'sk-canary-key',
      OPENAI_BASE_URL: 'http://user:canary-word@127.0.0.1:9/v1',
      OPENAI_MODEL: 'some-model',
      BETTER_AUTH_SECRET: 'canary'.repeat(8),
    })
    expect(server.stdout()).toBe(`${server.startLine}\n`)
    expect(server.startLine).toMatch(/^Parley is ready at http:\/\/localhost:\d+ /)
    expect(server.startLine).toContain('some-model')
    expect(server.startLine).toContain(`database: embedded (${DATA_DIR})`)
    expect(server.startLine).toContain('broker: none (one process)')
    expect(`${server.stdout()}${server.stderr()}`).not.toContain('canary')
  })

  it('case j4: needs no setting: an embedded database, no broker, personas that answer by script', async () => {
    const settings = { DATA_DIR: await dataDirectory(), NODE_ENV: '', MODERATION: '' }
    const server = await startServer(settings)
    expect(server.startLine).toMatch(/database: embedded .*broker: none/)
    const personas = await (await fetch(`${server.url}/api/personas`)).json()
    expect(personas).toHaveLength(4)
    expect((await fetch(`${server.url}/readyz`)).status).toBe(200)
    const session = await openClient(server.url, guestCredentials(server.url)).join({ personaId: 'bruna' })
    const reply = await session.finishedReply(await session.send('Hello'))
    expect(reply).toMatchObject({ status: 'complete', demo: true })
  })
})

describe('a start that cannot be', { timeout: TIMEOUT_MS }, () => {
  it('case j4: names every setting at fault at once, and repeats no value', async () => {
    const said = await refusal({
      DATA_DIR: '/nowhere',
      NODE_ENV: 'production',
      DATABASE_URL: 'postgres://parley:canary@:nowhere',
      REDIS_URL: 'http://:canary@cache',
      MODERATION: 'canary',
      TRUST_CLIENT_USER_ID: '1',
      BETTER_AUTH_SECRET: 'canary',
    })
    for (const name of [
      'DATABASE_URL',
      'REDIS_URL',
      'MODERATION',
      'TRUST_CLIENT_USER_ID',
      'BETTER_AUTH_SECRET',
    ]) {
      expect(said).toMatch(new RegExp(`^ {2}${name} `, 'm'))
    }
    expect(said).not.toContain('canary')
  })

  it('case j4: says in one line that the port is in use', async () => {
    const other = createServer().listen(0, '127.0.0.1')
    onTestFinished(() => void other.close())
    await once(other, 'listening')
    const address = other.address()
    const port = typeof address === 'object' && address ? `${address.port}` : ''
    const said = await refusal({ DATA_DIR: await dataDirectory(), PORT: port })
    expect(said).toBe(`Parley cannot start: port ${port} is in use. Set PORT to another one.\n`)
  })

  it('case e5: names the process that has the data directory, and leaves that one alone', async () => {
    const DATA_DIR = await dataDirectory()
    const first = await startServer({ DATA_DIR, TRUST_CLIENT_USER_ID: '1' })
    const visitor = await openVisitor(first.url)
    const said = await refusal({ DATA_DIR })
    expect(said).toMatch(/^Parley cannot start: the data directory .* is in use by process \d+;.*\n$/)
    expect(said).toContain(`process ${first.pid};`)
    const answer = await visitor.ask('chat:message', { sessionId: visitor.sessionId, content: 'Hello' })
    expect(answer.ok).toBe(true)
    await visitor.next('chat:response')
  })

  it('case j4: says in one line that PostgreSQL cannot be reached', async () => {
    const place = `127.0.0.1:${await freePort()}`
    const DATABASE_URL = `postgresql://parley:canary@${place}/parley`
    const said = await refusal({ DATA_DIR: await dataDirectory(), DATABASE_URL })
    expect(said).toMatch(
      /^Parley cannot start: the database \(PostgreSQL at [^\n]*\) cannot be used: [^\n]*ECONNREFUSED[^\n]*\n$/,
    )
    expect(said).toContain(place)
    expect(said).not.toContain('canary')
  })

  it('says in one line that the data directory cannot be used', async () => {
    const folder = await dataDirectory()
    await mkdir(join(folder, 'in-the-way'))
    await writeFile(join(folder, 'in-the-way', 'file'), '')
    const said = await refusal({ DATA_DIR: join(folder, 'in-the-way', 'file') })
    expect(said).toMatch(/^Parley cannot start: [^\n]*in-the-way[^\n]*\n$/)
  })
})
