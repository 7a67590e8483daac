import { Persona, Readiness, Session } from '@parley/protocol'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { type Parley, startParley } from '../harness/parley.ts'
import { connectPlain } from '../harness/plain-socket.ts'
import { type Guest, signInGuest } from './guest.ts'
import { must } from './opened.ts'

let parley: Parley
let ada: Guest
let bob: Guest

beforeAll(async () => {
  parley = await startParley()
  ada = await signInGuest(parley.url)
  bob = await signInGuest(parley.url)
})
afterAll(() => parley.remove())

const get = (path: string, headers: Record<string, string> = {}, method = 'GET') =>
  fetch(`${parley.url}${path}`, { headers, method })
const json = async (response: Response): Promise<unknown> => response.json()

describe('GET /api/personas', () => {
  it('GET /api/personas lists all of them, each with what everybody may know and nothing else', async () => {
    const response = await get('/api/personas')
    expect(response.status).toBe(200)
    expect(response.headers.get('content-type')).toMatch(/^application\/json/)
    const personas = z.array(Persona.strict()).parse(await json(response))
    expect(personas.map(({ id }) => id)).toEqual(['wren', 'oriel', 'bruna', 'ambrose'])
    for (const { name } of personas) expect(name).toMatch(/\w/)
  })

  it('gives each persona a picture that may be kept for good and runs nothing', async () => {
    for (const { picture } of z.array(Persona).parse(await json(await get('/api/personas')))) {
      const response = await get(picture)
      expect(response.status).toBe(200)
      expect(response.headers.get('content-type')).toMatch(/^image\/svg\+xml/)
      expect(response.headers.get('content-security-policy')).toMatch(/default-src 'none'.*sandbox/)
      expect(response.headers.get('cache-control')).toMatch(/max-age=31536000.*immutable/)
      expect(response.headers.get('x-content-type-options')).toBe('nosniff')
      expect(await response.text()).toMatch(/^<svg[\s>]/)
    }
  })

  it.each([
    'made-up',
    '..%2f..%2fpackage',
    '%00',
    '%E0%A4%A',
    '%F0%9F%98%80',
    "'%20OR%201=1--",
    'x'.repeat(129),
  ])(
    'a picture that does not exist (%s) is not found, or not asked for properly, and never a fault of the server',
    async (version) => {
      const response = await get(`/api/personas/wren/pictures/${version}.svg`)
      expect([400, 404]).toContain(response.status)
      expect(await response.text()).not.toMatch(/\bat \w+ \(|node_modules|URIError/)
    },
  )
})

describe('GET /api/sessions', () => {
  it('[A1] GET /api/sessions without a credential, or with one that is none, is 401', async () => {
    for (const headers of [
      {},
      { cookie: 'parley.session_token=made.up' },
      { authorization: 'Bearer made-up' },
      { authorization: `Basic ${ada.token}` },
      { cookie: '%E0%A4%A=;;;=' },
    ]) {
      const response = await get('/api/sessions', { ...headers })
      expect(response.status).toBe(401)
      expect(await json(response)).toMatchObject({ error: 'NOT_AUTHENTICATED' })
    }
  })

  it('[A2] GET /api/sessions lists the own ones only, the last used first, by cookie and by token', async () => {
    const plain = await connectPlain(parley.url)
    await must(plain, 'chat:auth', ada)
    const ids: string[] = []
    for (const personaId of ['wren', 'oriel', 'bruna']) {
      const { session } = await must(plain, 'chat:join', { personaId })
      ids.unshift(Session.parse(session).id)
    }
    const [bruna = '', oriel = '', wren = ''] = ids
    const listed = async (headers: Record<string, string>) =>
      z.array(Session.strict()).parse(await json(await get('/api/sessions', headers)))
    expect((await listed({ cookie: ada.cookie })).map(({ id }) => id)).toEqual([bruna, oriel, wren])

    await must(plain, 'chat:message', { sessionId: wren, content: 'Hello there' })
    await plain.next('chat:response')
    const after = await listed({ authorization: `Bearer ${ada.token}` })
    expect(after.map(({ id }) => id)).toEqual([wren, bruna, oriel])
    expect(after[0]).toMatchObject({ personaId: 'wren', title: 'Hello there' })
    expect(await listed({ cookie: bob.cookie })).toEqual([])
    plain.close()
  })
})

describe('the other routes', () => {
  it('/healthz and /readyz answer', async () => {
    expect(await json(await get('/healthz'))).toEqual({ ok: true })
    const ready = await get('/readyz')
    expect(ready.status).toBe(200)
    expect(Readiness.strict().parse(await json(ready))).toEqual({
      ready: true,
      database: 'up',
      broker: 'none',
      shuttingDown: false,
    })
  })

  it('an unknown route under /api is a 404 in JSON, whatever the method', async () => {
    for (const method of ['GET', 'POST', 'PUT', 'DELETE']) {
      const response = await get('/api/made-up', {}, method)
      expect(response.status).toBe(404)
      expect(await json(response)).toEqual({ error: 'NOT_FOUND' })
    }
    expect((await get('/api/sessions', {}, 'DELETE')).status).toBe(404)
  })
})

describe('account routes', () => {
  it.each([
    ['JSON that breaks off', '{"name":', 'application/json'],
    ['JSON that is no object', '5', 'application/json'],
    ['null', 'null', 'application/json'],
    ['deep nesting', `${'['.repeat(2_000)}${']'.repeat(2_000)}`, 'application/json'],
    ['no JSON at all', 'a=b', 'text/plain'],
    ['a form', 'a=b', 'application/x-www-form-urlencoded'],
    ['a type that does not exist', 'x', 'made/up'],
    ['a prototype', '{"__proto__":{"isAdmin":true}}', 'application/json'],
  ])('a body of an account route that is %s is no fault of the server', async (_name, body, type) => {
    for (const route of ['sign-in/anonymous', 'sign-in/email', 'sign-out', 'update-user', 'made-up']) {
      const headers = { 'content-type': type, authorization: `Bearer ${bob.token}` }
      const address = `${parley.url}/api/auth/${route}`
      const response = await fetch(address, { method: 'POST', body, headers })
      expect(response.status, route).toBeLessThan(500)
      expect(await response.text()).not.toMatch(/\bat \w+ \(|node_modules|prisma|select/i)
    }
    expect((await get('/healthz')).status).toBe(200)
    // Signing out is one of the routes above.
    bob = await signInGuest(parley.url)
  })
})

describe('methods and headers', () => {
  it('HEAD answers as GET without a body, and a preflight says what may be sent', async () => {
    for (const path of ['/api/personas', '/healthz', '/readyz']) {
      const response = await get(path, {}, 'HEAD')
      expect(response.status).toBe(200)
      expect(await response.text()).toBe('')
    }
    const preflight = await get(
      '/api/auth/sign-out',
      {
        origin: 'http://localhost:5173',
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'authorization,content-type',
      },
      'OPTIONS',
    )
    expect(preflight.status).toBe(204)
    expect(preflight.headers.get('access-control-allow-origin')).toBe('http://localhost:5173')
    expect(preflight.headers.get('access-control-allow-methods')).toContain('POST')
    expect(preflight.headers.get('access-control-allow-headers')).toContain('authorization')
  })

  it("a guest's cookie is out of reach of scripts and of other sites", async () => {
    const response = await fetch(`${parley.url}/api/auth/sign-in/anonymous`, { method: 'POST' })
    const cookies = response.headers.getSetCookie()
    expect(cookies.length).toBeGreaterThan(0)
    for (const cookie of cookies) {
      expect(cookie).toMatch(/; HttpOnly/i)
      expect(cookie).toMatch(/; SameSite=(Lax|Strict)/i)
    }
  })

  it('says nothing of what it is made of', async () => {
    const response = await get('/api/personas')
    expect(response.headers.get('x-powered-by')).toBeNull()
  })
})
