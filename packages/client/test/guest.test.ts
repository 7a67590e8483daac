import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { guestCredentials } from '../src/index.ts'

type Answer = { readonly status: number; readonly body: unknown; readonly headers?: Record<string, string> }

const http = createServer((request, response) => answer(request, response))
let signIn: () => Answer
let present: unknown
let signIns: number

function answer(request: IncomingMessage, response: ServerResponse): void {
  const isSignIn = request.method === 'POST' && request.url === '/api/auth/sign-in/anonymous'
  if (isSignIn) signIns++
  const { status, body, headers } = isSignIn ? signIn() : { status: 200, body: present, headers: {} }
  response.writeHead(status, { 'content-type': 'application/json', ...headers })
  response.end(typeof body === 'string' ? body : JSON.stringify(body))
}

function url(): string {
  const address = http.address()
  if (address === null || typeof address === 'string') throw new Error('not listening')
  return `http://127.0.0.1:${address.port}`
}

beforeEach(async () => {
  signIns = 0
  present = null
  signIn = () => ({ status: 200, body: { user: { id: 'u1' } }, headers: { 'set-auth-token': 't1' } })
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
})
afterEach(() => new Promise((resolve) => http.close(resolve)))

describe('[A1] guest credentials', () => {
  it('sign in once, however often and however much at once they are asked for', async () => {
    const credentials = guestCredentials(`${url()}/`)
    const all = await Promise.all([credentials(), credentials()])
    all.push(await credentials())
    for (const one of all) expect(one).toEqual({ userId: 'u1', token: 't1' })
    expect(signIns).toBe(1)
  })

  it('keep the person whom the cookie names, so that nobody becomes a guest by a reload', async () => {
    present = { user: { id: 'u7' }, session: {} }
    expect(await guestCredentials(url())()).toEqual({ userId: 'u7' })
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
    const good = signIn
    signIn = () => given
    await expect(credentials()).rejects.toMatchObject(error)
    signIn = good
    expect(await credentials()).toMatchObject({ userId: 'u1' })
  })

  it('a server that is not there is DISCONNECTED', async () => {
    const gone = guestCredentials('http://127.0.0.1:1')
    await expect(gone()).rejects.toMatchObject({ code: 'DISCONNECTED', retryable: true })
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
