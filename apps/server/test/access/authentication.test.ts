import { Client } from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Parley, startParley } from '../harness/parley.ts'
import { connectPlain, type PlainSocket } from '../harness/plain-socket.ts'
import { describeWithPostgres } from '../services/describe-with.ts'
import { type Guest, signInGuest } from './guest.ts'
import { must } from './opened.ts'

const REFUSED = { ok: false, error: { error: 'NOT_AUTHENTICATED', event: 'chat:auth' } }

let parley: Parley
let ada: Guest
let bob: Guest
const open: PlainSocket[] = []

beforeAll(async () => {
  parley = await startParley()
  ada = await signInGuest(parley.url)
  bob = await signInGuest(parley.url)
})
afterAll(async () => {
  for (const plain of open) plain.close()
  await parley.remove()
})

/** As a page connects, which says where it comes from. */
const connect = async (headers: Record<string, string> = {}) => {
  const origin = 'http://localhost:3000'
  const plain = await connectPlain(parley.url, { extraHeaders: { origin, ...headers } })
  open.push(plain)
  return plain
}

describe('[A1] who somebody is', () => {
  it('is believed by the cookie of the handshake', async () => {
    const plain = await connect({ cookie: ada.cookie })
    const identity = await must(plain, 'chat:auth', { userId: ada.userId })
    expect(identity).toEqual({ userId: ada.userId, guest: true, expiresAt: expect.any(String) })
    expect(Date.parse(String(identity.expiresAt))).toBeGreaterThan(Date.now())
  })

  it('is believed by a bearer token in chat:auth, and by one in the header of the handshake', async () => {
    const byToken = await connect()
    expect(await must(byToken, 'chat:auth', ada)).toMatchObject({ userId: ada.userId })
    const byHeader = await connect({ authorization: `Bearer ${ada.token}` })
    expect(await must(byHeader, 'chat:auth', { userId: ada.userId })).toMatchObject({ userId: ada.userId })
  })

  it('case f3: is not believed under the id of somebody else', async () => {
    const withCookie = await connect({ cookie: ada.cookie })
    expect(await withCookie.ask('chat:auth', { userId: bob.userId })).toMatchObject(REFUSED)
    const withToken = await connect()
    expect(await withToken.ask('chat:auth', { userId: bob.userId, token: ada.token })).toMatchObject(REFUSED)
    expect(await withToken.ask('chat:join', { personaId: 'wren' })).toMatchObject({
      error: { error: 'NOT_AUTHENTICATED' },
    })
  })

  it('is not believed by an id alone', async () => {
    const plain = await connect()
    expect(await plain.ask('chat:auth', { userId: ada.userId })).toMatchObject(REFUSED)
  })
})

describe('[A1] a credential that is none', () => {
  it.each([
    ['made up', 'made-up'],
    ['made up, with a signature', 'made.up%3D'],
    ['undefined percent code', '%E0%A4%A.%'],
    ['of letters that no header can hold', 'ключ'],
    ['with a line break and a header behind it', 'x\r\ncookie: y'],
    ['with U+0000', 'a\0b'],
    ['half a surrogate pair', '\ud83d'],
    ['as long as allowed', 'x'.repeat(8_192)],
    ['only spaces', '   '],
  ])('answers a token that is %s with NOT_AUTHENTICATED, and goes on', async (_name, token) => {
    const plain = await connect()
    expect(await plain.ask('chat:auth', { userId: ada.userId, token })).toMatchObject(REFUSED)
    expect(await plain.ask('chat:auth', ada)).toMatchObject({ ok: true })
  })

  it('[C1] refuses an empty token and one that is too long by the path', async () => {
    const plain = await connect({ cookie: ada.cookie })
    for (const token of ['', 'x'.repeat(8_193)]) {
      const reply = await plain.ask('chat:auth', { userId: ada.userId, token })
      expect(reply).toMatchObject({ ok: false, error: { error: 'INVALID_PAYLOAD', path: 'token' } })
    }
  })
})

describe('[A1] several credentials', () => {
  it('lets a token speak alone: neither the cookie nor the header beside it counts', async () => {
    const plain = await connect({ cookie: ada.cookie, authorization: `Bearer ${ada.token}` })
    expect(await plain.ask('chat:auth', { userId: ada.userId, token: bob.token })).toMatchObject(REFUSED)
    for (const token of ['made-up', 'made.up', `${ada.token}x`]) {
      expect(await plain.ask('chat:auth', { userId: ada.userId, token })).toMatchObject(REFUSED)
    }
    expect(await plain.ask('chat:auth', bob)).toMatchObject({ ok: true, data: { userId: bob.userId } })
  })

  it('case f3: does not change on a live socket, and may be said again', async () => {
    const plain = await connect({ cookie: ada.cookie })
    await must(plain, 'chat:auth', { userId: ada.userId })
    const joined = await must(plain, 'chat:join', { personaId: 'wren' })
    expect(await plain.ask('chat:auth', bob)).toMatchObject(REFUSED)
    const again = await must(plain, 'chat:join', { personaId: 'wren' })
    expect(again).toMatchObject({ session: joined.session, created: false })
    expect(await plain.ask('chat:auth', { userId: ada.userId })).toMatchObject({ ok: true })
    expect(await plain.ask('chat:auth', ada)).toMatchObject({ ok: true })
  })
})

describe('[A1] TRUST_CLIENT_USER_ID', () => {
  it('takes a claim at its word and makes the row, but still checks a token', async () => {
    const parley = await startParley({ env: { TRUST_CLIENT_USER_ID: '1' } })
    const guest = await signInGuest(parley.url)
    const plain = await connectPlain(parley.url)
    expect(await plain.ask('chat:auth', { userId: 'anybody', token: guest.token })).toMatchObject(REFUSED)
    expect(await must(plain, 'chat:auth', { userId: 'anybody' })).toEqual({
      userId: 'anybody',
      guest: true,
      expiresAt: null,
    })
    // A session refers to its user's row, so this would fail without one.
    expect(await must(plain, 'chat:join', { personaId: 'wren' })).toMatchObject({ created: true })
    expect(await plain.ask('chat:auth', { userId: 'somebody-else' })).toMatchObject(REFUSED)
    plain.close()
    await parley.remove()
  })
})

describeWithPostgres('[A1] a credential that has ended', (postgres) => {
  it('opens nothing, by token, by cookie or over REST', async () => {
    const url = await postgres.createDatabase()
    const parley = await startParley({ env: { DATABASE_URL: url } })
    const ada = await signInGuest(parley.url)
    const database = new Client({ connectionString: url })
    await database.connect()
    await database.query(`UPDATE "Session" SET "expiresAt" = now() - interval '1 second'`)
    await database.end()

    const plain = await connectPlain(parley.url, {
      extraHeaders: { origin: 'http://localhost:3000', cookie: ada.cookie },
    })
    expect(await plain.ask('chat:auth', { userId: ada.userId })).toMatchObject(REFUSED)
    expect(await plain.ask('chat:auth', ada)).toMatchObject(REFUSED)
    const listed = await fetch(`${parley.url}/api/sessions`, { headers: { cookie: ada.cookie } })
    expect(listed.status).toBe(401)
    plain.close()
    await parley.remove()
  })
})
