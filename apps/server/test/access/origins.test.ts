import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { type Parley, startParley } from '../harness/parley.ts'
import { connectPlain } from '../harness/plain-socket.ts'
import { type Guest, signInGuest } from './guest.ts'
import { engineUrl, upgradeStatus } from './raw-socket.ts'

const OURS = [
  ['the first page address', 'https://chat.example.org'],
  ['the second page address', 'http://localhost:5173'],
  ['another spelling of a loopback one', 'http://127.0.0.1:5173'],
  ['and the third', 'http://[::1]:5173'],
  ['the server itself', 'http://localhost:3000'],
  ['the server in another spelling', 'http://127.0.0.1:3000'],
] as const

const FOREIGN = [
  ['another site', 'https://evil.example'],
  ['no origin that can be told', 'null'],
  ['nothing', ''],
  ['another port', 'http://localhost:5174'],
  ['another scheme', 'http://chat.example.org'],
  ['a site that begins alike', 'https://chat.example.org.evil.example'],
  ['a site that ends alike', 'https://evil-chat.example.org'],
  ['ours with a path', 'https://chat.example.org/'],
  ['ours in capitals', 'HTTPS://CHAT.EXAMPLE.ORG'],
  ['several at once', 'https://chat.example.org, https://evil.example'],
] as const

let parley: Parley
let guest: Guest

beforeAll(async () => {
  const env = { FRONTEND_URL: 'https://chat.example.org/, http://localhost:5173' }
  parley = await startParley({ env })
  guest = await signInGuest(parley.url)
})
afterAll(() => parley.remove())

const openPolling = async (headers: Record<string, string>) => {
  const response = await fetch(engineUrl(parley.url, 'polling'), { headers })
  return { response, body: await response.text() }
}
const signIn = (headers: Record<string, string>, body?: string) =>
  fetch(`${parley.url}/api/auth/sign-in/anonymous`, { method: 'POST', headers, ...(body ? { body } : {}) })

describe('case f5: our origins', () => {
  describe.each(OURS)('%s (%s)', (_name, origin) => {
    it('may upgrade, poll and write, and may read the answers', async () => {
      expect(await upgradeStatus(engineUrl(parley.url), { origin })).toBe(101)
      const { response } = await openPolling({ origin })
      const rest = await fetch(`${parley.url}/api/personas`, { headers: { origin } })
      const written = await signIn({ origin })
      for (const answer of [response, rest, written]) {
        expect(answer.status).toBe(200)
        expect(answer.headers.get('access-control-allow-origin')).toBe(origin)
        expect(answer.headers.get('access-control-allow-credentials')).toBe('true')
      }
    })
  })
})

describe('case f5: foreign origins', () => {
  describe.each(FOREIGN)('%s (%s)', (_name, origin) => {
    it('gets 403 for an upgrade, with a session id of its own and without', async () => {
      const { body } = await openPolling({ origin: 'https://chat.example.org' })
      const { sid } = z.object({ sid: z.string() }).parse(JSON.parse(body.slice(1)))
      expect(await upgradeStatus(engineUrl(parley.url), { origin })).toBe(403)
      expect(await upgradeStatus(engineUrl(parley.url, 'websocket', sid), { origin })).toBe(403)
      // The session itself is unharmed: its owner may still upgrade it.
      const ours = { origin: 'https://chat.example.org' }
      expect(await upgradeStatus(engineUrl(parley.url, 'websocket', sid), ours)).toBe(101)
    })

    it('gets 403 for polling, with a session id and without, and no answer that it may read', async () => {
      const { response } = await openPolling({ origin })
      expect(response.status).toBe(403)
      const ours = await openPolling({ origin: 'https://chat.example.org' })
      const { sid } = z.object({ sid: z.string() }).parse(JSON.parse(ours.body.slice(1)))
      const address = engineUrl(parley.url, 'polling', sid)
      for (const method of ['GET', 'POST', 'OPTIONS']) {
        const polled = await fetch(address, {
          method,
          headers: { origin },
          ...(method === 'POST' ? { body: '40/chat,' } : {}),
        })
        expect(polled.status).toBe(403)
        expect(polled.headers.get('access-control-allow-origin')).toBeNull()
      }
    })

    it('gets 403 for a write over REST, and no answer that it may read', async () => {
      expect((await signIn({ origin })).status).toBe(403)
      expect((await signIn({ origin, cookie: guest.cookie })).status).toBe(403)
      const read = await fetch(`${parley.url}/api/personas`, { headers: { origin } })
      expect(read.headers.get('access-control-allow-origin')).toBeNull()
      const preflight = await fetch(`${parley.url}/api/auth/sign-out`, {
        method: 'OPTIONS',
        headers: { origin, 'access-control-request-method': 'POST' },
      })
      expect(preflight.headers.get('access-control-allow-origin')).toBeNull()
    })
  })
})

describe('case f5: no origin, and other paths', () => {
  describe('no origin at all', () => {
    it('is a script and may upgrade, poll and sign in', async () => {
      expect(await upgradeStatus(engineUrl(parley.url), {})).toBe(101)
      expect((await openPolling({})).response.status).toBe(200)
      expect((await signIn({})).status).toBe(200)
    })

    it('opens nothing with a cookie: neither an upgrade nor a polled frame is let in', async () => {
      const { cookie } = guest
      expect(await upgradeStatus(engineUrl(parley.url), { cookie })).toBe(403)
      const { response, body } = await openPolling({ cookie })
      expect(response.status).toBe(200)
      const { sid } = z.object({ sid: z.string() }).parse(JSON.parse(body.slice(1)))
      const address = engineUrl(parley.url, 'polling', sid)
      const post = (headers: Record<string, string>) =>
        fetch(address, { method: 'POST', headers, body: '40/chat,' })
      expect((await post({ cookie })).status).toBe(403)
      expect(await upgradeStatus(engineUrl(parley.url, 'websocket', sid), { cookie })).toBe(403)
      // A page on the server's own address reads without an origin and writes with one.
      expect((await post({ cookie, origin: 'http://localhost:3000' })).status).toBe(200)
    })

    it('may speak with a token, by polling as well', async () => {
      for (const transports of [['websocket'], ['polling']]) {
        const plain = await connectPlain(parley.url, { transports, upgrade: false })
        expect(await plain.ask('chat:auth', guest)).toMatchObject({ ok: true })
        plain.close()
      }
    })

    it('may not write with a cookie, which a browser would have added by itself', async () => {
      expect((await signIn({ cookie: guest.cookie })).status).toBe(403)
      const signOut = (headers: Record<string, string>) =>
        fetch(`${parley.url}/api/auth/sign-out`, { method: 'POST', headers })
      expect((await signOut({ cookie: guest.cookie })).status).toBe(403)
      const listed = await fetch(`${parley.url}/api/sessions`, { headers: { cookie: guest.cookie } })
      expect(listed.status).toBe(200)
    })
  })

  it('an upgrade to any other path finds nothing', async () => {
    for (const path of ['/', '/socket.io', '/socket.io/more', '/api/personas']) {
      expect(await upgradeStatus(`${parley.url.replace('http', 'ws')}${path}`, {})).toBe(404)
    }
  })

  it('the page may read the token that a sign-in gave', async () => {
    const answer = await signIn({ origin: 'https://chat.example.org' })
    expect(answer.headers.get('access-control-expose-headers')).toContain('set-auth-token')
  })
})
