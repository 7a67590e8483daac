import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { guestCredentials } from '../src/index.ts'

type Answer = { readonly status: number; readonly body: unknown; readonly headers?: Record<string, string> }
type User = { readonly id: string; readonly isAnonymous?: boolean }

const http = createServer((request, response) => answer(request, response))
let signIn: () => Answer
let present: () => Answer
/** Whom the cookie of a browser names; a script has none. */
let byCookie: User | null
let byToken: Map<string, User>
let signIns: number
let requests: number

function answer(request: IncomingMessage, response: ServerResponse): void {
  const isSignIn = request.method === 'POST' && request.url === '/api/auth/sign-in/anonymous'
  requests++
  if (isSignIn) signIns++
  const token = request.headers.authorization?.replace('Bearer ', '')
  const user = token === undefined ? byCookie : byToken.get(token)
  const known = user ? { status: 200, body: { user, session: {} } } : present()
  const { status, body, headers = {} }: Answer = isSignIn ? signIn() : known
  response.writeHead(status, { 'content-type': 'application/json', ...headers })
  response.end(typeof body === 'string' ? body : JSON.stringify(body))
}

/** A sign-in that works; `headers` tells the one of a script from the one of a browser. */
function makeGuest(headers: Record<string, string> = { 'set-cookie': 'c=1' }): Answer {
  const user = { id: `u${signIns}`, isAnonymous: true }
  byToken.set(`t${signIns}`, user)
  return { status: 200, body: { user }, headers: { 'set-auth-token': `t${signIns}`, ...headers } }
}

function url(): string {
  const address = http.address()
  if (address === null || typeof address === 'string') throw new Error('not listening')
  return `http://127.0.0.1:${address.port}`
}

beforeEach(async () => {
  signIns = 0
  requests = 0
  byCookie = null
  byToken = new Map()
  present = () => ({ status: 200, body: null })
  signIn = makeGuest
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
})
afterEach(() => new Promise((resolve) => http.close(resolve)))

/** A browser shows no page that a cookie was set; it sends it with what follows. */
function asBrowser(): void {
  signIn = () => {
    byCookie = { id: `u${signIns}`, isAnonymous: true }
    return makeGuest({})
  }
}

describe('[A1] guest credentials asked for again', () => {
  it('stay the guest of a browser by its cookie, or by the token if no cookie is kept', async () => {
    asBrowser()
    const credentials = guestCredentials(url())
    await credentials()
    expect(await credentials()).toEqual({ userId: 'u1' })
    expect(requests).toBe(3)
    byCookie = null
    expect(await guestCredentials(url())()).toEqual({ userId: 'u2', token: 't2' })
    byCookie = null
    signIn = () => makeGuest({})
    const cookieless = guestCredentials(url())
    expect([await cookieless(), await cookieless()]).toEqual(Array(2).fill({ userId: 'u3', token: 't3' }))
  })

  it.each(['script', 'browser'])(
    'make a new guest for a %s when the server does not know the earlier one any more',
    async (where) => {
      if (where === 'browser') asBrowser()
      const credentials = guestCredentials(url())
      await credentials()
      await credentials()
      byCookie = null
      byToken.clear()
      expect(await credentials()).toEqual({ userId: 'u2', token: 't2' })
      expect(await credentials()).toMatchObject({ userId: 'u2' })
      expect(signIns).toBe(2)
    },
  )

  it('make a new guest when the cookie of an earlier guest is gone', async () => {
    byCookie = { id: 'u7', isAnonymous: true }
    const credentials = guestCredentials(url())
    await credentials()
    byCookie = null
    expect(await credentials()).toMatchObject({ userId: 'u1' })
  })

  it('follow a guest who has signed in with an account meanwhile', async () => {
    asBrowser()
    const credentials = guestCredentials(url())
    await credentials()
    byCookie = { id: 'u7', isAnonymous: false }
    expect(await credentials()).toEqual({ userId: 'u7' })
    expect(signIns).toBe(1)
  })

  it('say so before an account that is gone is replaced by a guest', async () => {
    byCookie = { id: 'u7', isAnonymous: false }
    const credentials = guestCredentials(url())
    await credentials()
    byCookie = null
    await expect(credentials()).rejects.toMatchObject({ code: 'NOT_AUTHENTICATED', retryable: false })
    expect(signIns).toBe(0)
    expect(await credentials()).toMatchObject({ userId: 'u1' })
  })

  it('stay the same while the server is asked too often', async () => {
    const credentials = guestCredentials(url())
    await credentials()
    byToken.clear()
    present = () => ({ status: 429, body: {} })
    expect(await credentials()).toEqual({ userId: 'u1', token: 't1' })
    expect(signIns).toBe(1)
  })
})

describe('[A1] guest credentials', () => {
  it('sign in once, however often and however much at once they are asked for', async () => {
    const credentials = guestCredentials(`${url()}/`)
    const all = await Promise.all([credentials(), credentials()])
    expect(requests).toBe(2)
    all.push(await credentials())
    for (const one of all) expect(one).toEqual({ userId: 'u1', token: 't1' })
    expect(signIns).toBe(1)
    expect(requests).toBe(3)
  })

  it('keep the person whom the cookie names, so that nobody becomes a guest by a reload', async () => {
    byCookie = { id: 'u7' }
    const credentials = guestCredentials(url())
    expect([await credentials(), await credentials()]).toEqual([{ userId: 'u7' }, { userId: 'u7' }])
    expect([signIns, requests]).toEqual([0, 2])
  })

  it.each([
    [{ status: 500, body: {} }, { code: 'INTERNAL' }],
    [{ status: 200, body: '<html>' }, { code: 'BAD_REPLY' }],
  ])('do not take a server that cannot say who it is for one that knows nobody: %o', async (given, error) => {
    present = () => given
    await expect(guestCredentials(url())()).rejects.toMatchObject(error)
    expect(signIns).toBe(0)
  })

  it.each([
    [
      { status: 429, body: {}, headers: { 'x-retry-after': '3' } },
      { code: 'RATE_LIMITED', retryAfterMs: 3000 },
    ],
    [
      { status: 500, body: 'oops' },
      { code: 'INTERNAL', retryable: true },
    ],
    [
      { status: 403, body: {} },
      { code: 'NOT_AUTHENTICATED', retryable: false },
    ],
    [{ status: 200, body: { user: null } }, { code: 'BAD_REPLY' }],
    [{ status: 200, body: '<html>' }, { code: 'BAD_REPLY' }],
  ])('fail with a typed error and may be asked again: %o', async (given, error) => {
    const credentials = guestCredentials(url())
    signIn = () => given
    await expect(credentials()).rejects.toMatchObject(error)
    signIn = makeGuest
    expect(await credentials()).toMatchObject({ userId: 'u2' })
  })

  it('a server that is not there is DISCONNECTED', async () => {
    const gone = guestCredentials('http://127.0.0.1:1')
    await expect(gone()).rejects.toMatchObject({ code: 'DISCONNECTED', retryable: true })
  })

  it('make nobody where a guest may not take the place of an account, and find that one again', async () => {
    let mayMake = false
    const credentials = guestCredentials(url(), { mayMake: () => mayMake })
    for (let tries = 0; tries < 2; tries++) {
      await expect(credentials()).rejects.toMatchObject({ code: 'NOT_AUTHENTICATED', retryable: false })
    }
    expect(signIns).toBe(0)
    byCookie = { id: 'ada' }
    expect(await credentials()).toEqual({ userId: 'ada' })
    byCookie = null
    await expect(credentials()).rejects.toMatchObject({ code: 'NOT_AUTHENTICATED' })
    mayMake = true
    expect(await credentials()).toMatchObject({ userId: 'u1' })
  })

  it('sign in under the lock that the page gives', async () => {
    const order: string[] = []
    const exclusively = async <T>(work: () => Promise<T>): Promise<T> => {
      order.push(`locked at ${signIns}`)
      const result = await work()
      order.push(`done at ${signIns}`)
      return result
    }
    await guestCredentials(url(), { exclusively })()
    expect(order).toEqual(['locked at 0', 'done at 1'])
  })
})
