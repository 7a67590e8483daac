import { IncomingMessage } from 'node:http'
import { Socket } from 'node:net'
import { limits } from '@parley/protocol'
import { afterEach, describe, expect, it } from 'vitest'
import { createAddressOf } from '../../src/realtime/address.ts'
import { createLimiter } from '../../src/realtime/limiter.ts'
import { type Parley, startParley } from '../harness/parley.ts'
import { connectPlain } from '../harness/plain-socket.ts'
import { recordingLog } from '../harness/recording-log.ts'
import { long } from './sending.ts'

const ends: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const end of ends.splice(0)) await end()
})
const start = async (env: Record<string, string> = {}): Promise<Parley> => {
  const parley = await startParley({ env, timing: long })
  ends.push(() => parley.remove())
  return parley
}

const post = (url: string, path: string, forwarded?: string, type = 'application/json') =>
  fetch(`${url}/api/auth${path}`, {
    method: 'POST',
    headers: { 'content-type': type, ...(forwarded && { 'x-forwarded-for': forwarded }) },
    body: '{}',
  })
const makeGuest = (url: string, forwarded?: string) => post(url, '/sign-in/anonymous', forwarded)
/** Counts as a new guest and makes none. */
const tryGuest = (url: string, forwarded?: string) =>
  post(url, '/sign-in/anonymous', forwarded, 'application/x-nothing')

const useUp = async (act: () => Promise<Response>, times: number) => {
  for (let done = 0; done < times; done += 10) {
    const statuses = await Promise.all(Array.from({ length: Math.min(10, times - done) }, act))
    for (const { status } of statuses) expect(status).not.toBe(429)
  }
}

const expect429 = async (response: Response) => {
  expect(response.status).toBe(429)
  expect(await response.json()).toEqual({ error: 'RATE_LIMITED' })
  const seconds = Number(response.headers.get('retry-after'))
  expect(seconds).toBeGreaterThanOrEqual(1)
  expect(seconds).toBeLessThanOrEqual(long.rateWindowMs / 1_000)
}

describe('[A1] new guests and sign-ins of one address', () => {
  it('are limited, each for themselves, and nothing else is', async () => {
    const { url } = await start()
    await useUp(() => tryGuest(url), limits.guestsPerAddress - 1)
    expect((await makeGuest(url)).status).toBe(200)
    // What anybody may write into the header is not believed.
    await expect429(await makeGuest(url, '203.0.113.9'))
    await useUp(() => post(url, '/sign-in/email'), limits.signInsPerAddress)
    await expect429(await post(url, '/sign-in/email'))
    await expect429(await post(url, '/Sign-In/anonymous/'))
    expect((await post(url, '/sign-out')).status).not.toBe(429)
    expect((await fetch(`${url}/api/auth/get-session`)).status).toBe(200)
    expect((await fetch(`${url}/api/personas`)).status).toBe(200)
    const plain = await connectPlain(url)
    plain.close()
  })

  it('are told apart behind a proxy that is trusted, and only by what that proxy wrote', async () => {
    const { url } = await start({ TRUST_PROXY: '1' })
    await useUp(() => tryGuest(url, '203.0.113.7'), limits.guestsPerAddress)
    await expect429(await makeGuest(url, '203.0.113.7'))
    await expect429(await makeGuest(url, '198.51.100.1, 203.0.113.7'))
    expect((await makeGuest(url, '203.0.113.8')).status).toBe(200)
    const socket = await connectPlain(url, { extraHeaders: { 'x-forwarded-for': '203.0.113.7' } })
    socket.close()
  })

  it('may be more where ADDRESS_LIMIT_FACTOR says so', async () => {
    const { url } = await start({ ADDRESS_LIMIT_FACTOR: '2' })
    await useUp(() => post(url, '/sign-in/email'), 2 * limits.signInsPerAddress)
    await expect429(await post(url, '/sign-in/email'))
  })

  it('are not used up by a page of somebody else', async () => {
    const { url } = await start()
    const headers = { origin: 'https://elsewhere.example' }
    const foreign = () => fetch(`${url}/api/auth/sign-in/email`, { method: 'POST', headers })
    for (let done = 0; done <= limits.signInsPerAddress; done++) expect((await foreign()).status).toBe(403)
    expect((await post(url, '/sign-in/email')).status).not.toBe(429)
  })
})

describe('an address', () => {
  const { log, lines } = recordingLog()
  const addressOf = (proxies: number, peer: string, forwarded?: string) => {
    const socket = new Socket()
    Object.defineProperty(socket, 'remoteAddress', { value: peer })
    const request = new IncomingMessage(socket)
    if (forwarded !== undefined) request.headers['x-forwarded-for'] = forwarded
    return createAddressOf(proxies, log)(request)
  }

  it.each([
    [0, '203.0.113.7', undefined, '203.0.113.7'],
    [0, '::ffff:203.0.113.7', undefined, '203.0.113.7'],
    [0, '203.0.113.7', '198.51.100.1', '203.0.113.7'],
    [1, '10.0.0.1', '198.51.100.1, 203.0.113.7', '203.0.113.7'],
    [2, '10.0.0.1', '198.51.100.1, 203.0.113.7', '198.51.100.1'],
    [1, '10.0.0.1', undefined, '10.0.0.1'],
    [1, '10.0.0.1', 'nonsense', '10.0.0.1'],
    [0, '2001:db8:1:2:3::4', undefined, '2001:db8:1:2::/64'],
    [0, '2001:db8:1:2:ffff::9', undefined, '2001:db8:1:2::/64'],
  ])('behind %i proxies, from %s with %s, is %s', (proxies, peer, forwarded, expected) => {
    expect(addressOf(proxies, peer, forwarded)).toBe(expected)
  })

  it('that is a proxy nobody told of is named in the log, once', () => {
    const before = lines.length
    const of = createAddressOf(0, log)
    const socket = new Socket()
    Object.defineProperty(socket, 'remoteAddress', { value: '127.0.0.1' })
    const request = new IncomingMessage(socket)
    request.headers['x-forwarded-for'] = '203.0.113.7'
    of(request)
    of(request)
    expect(lines.slice(before).map(({ message }) => message)).toEqual([
      expect.stringContaining('TRUST_PROXY'),
    ])
  })
})

it('case f7: the sends of an address are limited, and one person alone cannot use them up', async () => {
  const limiter = createLimiter({ redis: null, addressFactor: 1 })
  for (let sent = 0; sent < 2 * limits.sendsPerAddress; sent++) await limiter.takeSend('flood', 'office')
  let passed = 0
  for (let person = 0; person < limits.sendsPerAddress; person++) {
    if ((await limiter.takeSend(`person-${person}`, 'office')) === null) passed++
  }
  expect(passed).toBe(limits.sendsPerAddress - limits.sendsPerUser)
  expect(await limiter.takeSend('flood', 'elsewhere')).not.toBeNull()
  expect(await limiter.takeSend('person-0', 'elsewhere')).toBeNull()
})
