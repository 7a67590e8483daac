import { base64url, SignJWT } from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Parley, startParley } from '../harness/parley.ts'
import { connectPlain, type PlainSocket } from '../harness/plain-socket.ts'
import { signInGuest } from './guest.ts'
import { must } from './opened.ts'
import { now, openSite, type Site } from './site.ts'

const REFUSED = { ok: false, error: { error: 'NOT_AUTHENTICATED' } }

let site: Site
let parley: Parley
const open: PlainSocket[] = []

beforeAll(async () => {
  site = await openSite()
  parley = await startParley({ env: site.env })
})
afterAll(async () => {
  for (const plain of open) plain.close()
  await parley.remove()
  site.close()
})

const connect = async () => {
  const plain = await connectPlain(parley.url)
  open.push(plain)
  return plain
}
const claim = async (token: string, userId = 'ada') => (await connect()).ask('chat:auth', { userId, token })

describe('[A1] a token of the site that embeds Parley', () => {
  it('lets its subject in, who talks and finds the conversation again', async () => {
    const token = await site.token()
    const plain = await connect()
    const identity = await must(plain, 'chat:auth', { userId: 'ada', token })
    expect(identity).toMatchObject({ guest: false, expiresAt: expect.any(String) })
    const { session } = await must(plain, 'chat:join', { personaId: 'wren' })
    const later = await connect()
    await must(later, 'chat:auth', { userId: 'ada', token: await site.token({ jti: 'another' }) })
    expect(await must(later, 'chat:join', { personaId: 'wren' })).toMatchObject({ session })
  })

  it('opens the REST routes too', async () => {
    const authorization = `Bearer ${await site.token({ sub: 'rita' })}`
    const plain = await connect()
    await must(plain, 'chat:auth', { userId: 'rita', token: await site.token({ sub: 'rita' }) })
    const joined = await must(plain, 'chat:join', { personaId: 'wren' })
    const answer = await fetch(`${parley.url}/api/sessions`, { headers: { authorization } })
    expect(answer.status).toBe(200)
    expect(JSON.stringify(await answer.json())).toContain(String(Object(joined.session).id))
  })

  it('is not believed under another id', async () => {
    expect(await claim(await site.token(), 'bob')).toMatchObject(REFUSED)
  })

  it('makes nobody the guest of this server who has the same id', async () => {
    const guest = await signInGuest(parley.url)
    const mine = await connect()
    await must(mine, 'chat:auth', guest)
    const { session } = await must(mine, 'chat:join', { personaId: 'wren' })
    const other = await connect()
    const token = await site.token({ sub: guest.userId })
    await must(other, 'chat:auth', { userId: guest.userId, token })
    const asked = { personaId: 'wren', sessionId: String(Object(session).id) }
    expect(await other.ask('chat:join', asked)).toMatchObject({ error: { error: 'SESSION_NOT_FOUND' } })
  })

  it.each([
    ['of another issuer', () => site.token({ iss: 'https://other.example' })],
    ['for another audience', () => site.token({ aud: 'other' })],
    ['without an audience', () => site.token({ aud: undefined })],
    ['that has expired', () => site.token({ exp: now() - 60 })],
    ['that never expires', () => site.token({ exp: undefined })],
    ['that is not valid yet', () => site.token({ nbf: now() + 600 })],
    ['without a subject', () => site.token({ sub: undefined })],
    ['signed by somebody else', () => site.forged()],
    ['of the algorithm "none"', async () => unsigned(await site.token())],
    ['signed with the public key as a shared secret', sharedSecret],
    ['with another payload than was signed', async () => altered(await site.token({ sub: 'eve' }))],
  ])('is refused when it is one %s', async (_what, token) => {
    expect(await claim(await token())).toMatchObject(REFUSED)
  })
})

describe('a site whose keys cannot be read', () => {
  it('[C2] is a retryable failure, not a refusal: the client asks again, and is let in when it answers', async () => {
    const away = await openSite()
    away.answering = false
    const other = await startParley({ env: away.env })
    try {
      const plain = await connectPlain(other.url)
      open.push(plain)
      const asked = { userId: 'ada', token: await away.token() }
      expect(await plain.ask('chat:auth', asked)).toMatchObject({ error: { error: 'INTERNAL' } })
      away.answering = true
      expect(await plain.ask('chat:auth', asked)).toMatchObject({ ok: true })
    } finally {
      await other.remove()
      away.close()
    }
  })
})

function unsigned(token: string): string {
  const [, payload] = token.split('.')
  return `${base64url.encode(JSON.stringify({ alg: 'none', kid: 'site' }))}.${payload}.`
}

async function sharedSecret(): Promise<string> {
  const keys = await (await fetch(site.env.JWT_JWKS_URL ?? '')).text()
  const { JWT_ISSUER: iss = '', JWT_AUDIENCE: aud = '' } = site.env
  const claims = { sub: 'ada', iss, aud, exp: now() + 600 }
  const header = { alg: 'HS256', kid: 'site' }
  return new SignJWT(claims).setProtectedHeader(header).sign(new TextEncoder().encode(keys))
}

function altered(token: string): string {
  const [header, payload = '', signature] = token.split('.')
  const claims = { ...JSON.parse(new TextDecoder().decode(base64url.decode(payload))), sub: 'ada' }
  return `${header}.${base64url.encode(JSON.stringify(claims))}.${signature}`
}
