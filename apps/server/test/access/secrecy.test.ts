import { WireError } from '@parley/protocol'
import { Client } from 'pg'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { type Parley, startParley } from '../harness/parley.ts'
import { describeWithPostgres } from '../services/describe-with.ts'
import { type PostgresServer, startPostgres } from '../services/postgres.ts'
import { type Guest, signInGuest } from './guest.ts'
import { errorAfter, must, type Opened, openSession } from './opened.ts'
import { everyEvent, sample } from './sample.ts'

const PASSWORD = 'canary-password'

/** What would tell a stranger about the inside: SQL, addresses, files, names of libraries. */
const INTERNAL =
  /canary|select |insert |chat_\w+_v1|prisma|postgres|127\.0\.0\.1|ECONN|\/src\/|node_modules|\bat \w+ \(|syntax|function/i

const withPassword = (url: string) => {
  const address = new URL(url)
  address.password = PASSWORD
  return address.href
}

let postgres: PostgresServer
let databaseUrl: string
let parley: Parley
let guest: Guest
let plain: Opened

const rest = async (path: string, init: RequestInit = {}) => {
  const response = await fetch(`${parley.url}${path}`, init)
  return {
    status: response.status,
    text: `${JSON.stringify([...response.headers])} ${await response.text()}`,
  }
}

const ask = async (event: (typeof everyEvent)[number]) => {
  const ids = { sessionId: plain.sessionId, messageId: 'made-up', replyId: 'made-up', userId: 'ada' }
  const payload = sample(event, ids)
  const acked = await plain.ask(event, payload)
  return acked.ok === true ? null : errorAfter(plain, () => plain.socket.emit(event, payload))
}

const expectLogged = (requestId: unknown) => {
  const line = parley.logged.find(({ fields }) => 'requestId' in fields && fields.requestId === requestId)
  expect(line).toMatchObject({
    level: 'error',
    fields: { event: expect.any(String), err: expect.any(Error) },
  })
}

/** A server of these tests' own, on a database that may be stopped. */
function useServer(): void {
  beforeAll(async () => {
    postgres = await startPostgres()
    databaseUrl = await postgres.createDatabase()
    parley = await startParley({
      env: { DATABASE_URL: withPassword(databaseUrl), TRUST_CLIENT_USER_ID: '1' },
    })
    guest = await signInGuest(parley.url)
    plain = await openSession(parley.url, 'ada')
  })
  afterAll(async () => {
    plain.close()
    await parley.remove()
    await postgres.stop()
  })
}

/** A logged value with all that a logger would write of it. */
function readable(value: unknown): unknown {
  if (!(value instanceof Error)) return value
  return [value.message, value.stack, { ...value }, value.cause ? readable(value.cause) : null]
}

// Both need what the shared server shows to be installed.
describeWithPostgres('case f6: a fault inside the database', () => {
  useServer()

  it('a fault inside a function of the database tells the client INTERNAL and nothing else', async () => {
    const client = new Client({ connectionString: databaseUrl })
    await client.connect()
    const functions =
      'chat_commit_turn_v1 chat_history_v1 chat_sync_v1 chat_stop_reply_v1 chat_open_session_v1'.split(' ')
    for (const name of functions) await client.query(`ALTER FUNCTION ${name} RENAME TO ${name}_away`)
    for (const event of ['chat:message', 'chat:history', 'chat:sync', 'chat:stop', 'chat:join'] as const) {
      const told = await ask(event)
      expect(told).toMatchObject({ error: 'INTERNAL', event })
      expect(WireError.strict().safeParse(told).success).toBe(true)
      expectLogged(told?.requestId)
    }
    for (const name of functions) await client.query(`ALTER FUNCTION ${name}_away RENAME TO ${name}`)
    await client.end()
    expect(JSON.stringify(plain.frames)).not.toMatch(INTERNAL)
    await must(plain, 'chat:history', { sessionId: plain.sessionId })
  })
})

describeWithPostgres('case f6: a database that is gone', () => {
  useServer()

  it('a database that is gone tells the client STORAGE_UNAVAILABLE, with the id of the line in the log', async () => {
    expect((await rest('/readyz')).status).toBe(200)
    await postgres.shutDown()
    const broken: string[] = []
    for (const event of everyEvent) {
      const told = event === 'chat:leave' ? null : await ask(event)
      if (told === null || told.error === 'INVALID_PAYLOAD') continue
      broken.push(event)
      expect(told).toMatchObject({ error: 'STORAGE_UNAVAILABLE', event, retryAfterMs: expect.any(Number) })
      expectLogged(told.requestId)
    }
    expect(broken).toEqual(
      expect.arrayContaining([
        'chat:auth',
        'chat:join',
        'chat:message',
        'chat:stop',
        'chat:history',
        'chat:sync',
      ]),
    )
    // A credential that cannot be looked up is not a wrong one: the page must not sign anybody out.
    const verified = await plain.ask('chat:auth', { userId: guest.userId, token: guest.token })
    expect(verified).toMatchObject({ ok: false, error: { error: 'STORAGE_UNAVAILABLE' } })
    expect(JSON.stringify([plain.frames, verified])).not.toMatch(INTERNAL)
    expect(plain.socket.connected).toBe(true)
  })

  it('REST answers 503 or 500 with a code alone, /readyz 503, /healthz 200', async () => {
    const ready = await rest('/readyz')
    expect(ready).toMatchObject({ status: 503, text: expect.stringContaining('"database":"down"') })
    expect(await rest('/healthz')).toMatchObject({ status: 200 })
    const headers = { cookie: guest.cookie }
    const printed = vi.spyOn(console, 'error')
    const answers = [
      ready,
      await rest('/api/personas'),
      await rest('/api/sessions', { headers }),
      await rest('/api/personas/wren/pictures/any.svg'),
      await rest('/api/auth/sign-in/anonymous', { method: 'POST' }),
      await rest('/api/auth/get-session', { headers }),
    ]
    for (const { text } of answers) expect(text).not.toMatch(INTERNAL)
    expect(answers.slice(0, 4).map(({ status }) => status)).toEqual([503, 503, 503, 503])
    for (const { status } of answers.slice(4)) expect(status).toBeGreaterThanOrEqual(500)
    // What broke in the library for accounts is told by the server's log and by nothing beside it.
    expect(printed).not.toHaveBeenCalled()
    expect(parley.logged).toContainEqual(
      expect.objectContaining({ fields: expect.objectContaining({ path: '/api/auth/sign-in/anonymous' }) }),
    )
  })

  it('case e1: when the database is back, everything works again, and no log line ever held the password', async () => {
    await postgres.start()
    await expect.poll(async () => (await rest('/readyz')).status, { timeout: 10_000 }).toBe(200)
    await must(plain, 'chat:message', { sessionId: plain.sessionId, content: 'Hello again' })
    await plain.next('chat:response')
    const lines = parley.logged.map(({ fields, message }) => [
      message,
      ...Object.values(fields).map(readable),
    ])
    expect(JSON.stringify(lines)).not.toContain(PASSWORD)
  })
})
