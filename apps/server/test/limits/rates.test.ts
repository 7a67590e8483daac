import { once } from 'node:events'
import { limits } from '@parley/protocol'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { createLimiter } from '../../src/realtime/limiter.ts'
import { assemble } from '../access/assembled.ts'
import { openSession, say } from '../access/opened.ts'
import { engineUrl, enterRaw, upgradeStatus } from '../access/raw-socket.ts'
import { type Parley, startParley } from '../harness/parley.ts'
import { connectPlain, type PlainSocket } from '../harness/plain-socket.ts'
import { nobodyYet } from '../replies/talk.ts'
import { inBatches, long, openAs, outcomeOf, sendMany, WAIT } from './sending.ts'

let parley: Parley
beforeAll(async () => {
  parley = await startParley({ env: { TRUST_CLIENT_USER_ID: '1' }, timing: long })
})
afterAll(() => parley.remove())

const leave = (plain: PlainSocket) => plain.ask('chat:leave', { sessionId: 'none' })

it('case f7: 200 messages over five sockets with reconnects between are limited for the person, not the socket', async () => {
  const userId = nobodyYet()
  const outcomes: string[] = []
  for (let round = 0; round < 4; round++) {
    const five = await Promise.all(Array.from({ length: 5 }, () => openAs(parley.url, userId)))
    outcomes.push(...(await Promise.all(five.map((plain) => sendMany(plain, 10)))).flat())
    for (const plain of five) plain.close()
  }
  expect(outcomes).toHaveLength(200)
  const passed = outcomes.filter((outcome) => outcome !== 'RATE_LIMITED')
  expect(passed).toEqual(Array(limits.sendsPerUser).fill('SESSION_NOT_FOUND'))

  // Nobody else at that address pays for it.
  const other = await openAs(parley.url, nobodyYet())
  expect(await sendMany(other, 1)).toEqual(['SESSION_NOT_FOUND'])
  other.close()
})

it('a person who may send nothing more is told until when, stays connected, and can still end a reply', async () => {
  const opened = await openSession(parley.url, nobodyYet())
  const { sessionId } = opened
  const { replyId } = await say(opened, 'Tell me of a bug, at length')
  const rest = await sendMany(opened, limits.sendsPerUser)
  expect(rest.filter((outcome) => outcome === 'RATE_LIMITED')).toHaveLength(1)
  const refused = await opened.ask('chat:message', { sessionId, content: 'x', clientMessageId: 'c' })
  expect(refused).toEqual({
    ok: false,
    error: {
      error: 'RATE_LIMITED',
      event: 'chat:message',
      clientMessageId: 'c',
      message: expect.stringContaining('too fast'),
      retryAfterMs: WAIT,
      requestId: expect.any(String),
    },
  })
  for (const event of ['chat:regenerate', 'chat:edit']) {
    const payload = { sessionId, messageId: 'none', content: 'x' }
    expect(await outcomeOf(opened.ask(event, payload))).toBe('RATE_LIMITED')
  }
  const stopped = await opened.ask('chat:stop', { sessionId, replyId })
  expect(stopped).toMatchObject({ ok: true, data: { id: replyId } })
  expect(opened.socket.connected).toBe(true)
  opened.close()
})

it('the events of a socket are limited, those outside the contract too; a new socket begins anew', async () => {
  const plain = await connectPlain(parley.url)
  const outcomes = await inBatches(limits.eventsPerSocket + 1, () => outcomeOf(leave(plain)))
  expect(outcomes.filter((outcome) => outcome !== 'NOT_AUTHENTICATED')).toEqual(['RATE_LIMITED'])
  expect(await outcomeOf(plain.ask('chat:made-up', {}))).toBe('RATE_LIMITED')
  expect(await outcomeOf(plain.ask('chat:stop', { sessionId: 's', replyId: 'r' }))).toBe('NOT_AUTHENTICATED')
  const next = await connectPlain(parley.url)
  expect(await outcomeOf(leave(next))).toBe('NOT_AUTHENTICATED')
  plain.close()
  next.close()
})

it('one person may have so many sockets open, and another one when one of them is closed', async () => {
  const userId = nobodyYet()
  const many: PlainSocket[] = []
  while (many.length < limits.socketsPerUser) many.push(await openAs(parley.url, userId))
  const plain = await connectPlain(parley.url)
  const refused = await plain.ask('chat:auth', { userId })
  expect(refused).toMatchObject({ ok: false, error: { error: 'RATE_LIMITED', retryAfterMs: WAIT } })
  expect(await outcomeOf(leave(plain))).toBe('NOT_AUTHENTICATED')
  // Who is in already may say so again.
  expect(await many[0]?.ask('chat:auth', { userId })).toMatchObject({ ok: true })
  many[0]?.close()
  await expect.poll(() => outcomeOf(plain.ask('chat:auth', { userId }))).toBe('ok')
  for (const one of many) one.close()
  plain.close()
})

it('an address may open so many sockets, also over one connection that leaves and comes back', async () => {
  const limiter = createLimiter({ redis: null, addressFactor: 1, windowMs: long.rateWindowMs })
  const own = await assemble({ limiter: () => limiter })
  for (let opened = 2; opened < limits.connectsPerAddress; opened++) {
    expect(await limiter.take('connectsPerAddress', '127.0.0.1')).toBeNull()
  }
  const raw = await enterRaw(own.url)
  const last = await connectPlain(own.url)
  const refused = await connectPlain(own.url).catch((cause: unknown) => cause)
  const data = { error: 'RATE_LIMITED', retryAfterMs: WAIT }
  expect(refused).toMatchObject({ message: 'RATE_LIMITED', data })
  expect(await outcomeOf(leave(last))).toBe('NOT_AUTHENTICATED')

  raw.ws.send('41/chat,')
  await expect.poll(() => own.namespace.sockets.size).toBe(1)
  raw.ws.send('40/chat,')
  const refusal = await raw.frame((frame) => frame.startsWith('44/chat,'))
  expect(JSON.parse(refusal.slice('44/chat,'.length))).toMatchObject({ message: 'RATE_LIMITED', data })
  raw.ws.terminate()
  last.close()
  await own.remove()
})

it('an address may have so many sockets open at once, and a few more only to be told so', async () => {
  const limiter = { ...createLimiter({ redis: null, addressFactor: 1 }), socketsPerAddress: 2 }
  const own = await assemble({ limiter: () => limiter })
  const two = [await connectPlain(own.url), await connectPlain(own.url)]
  const third = await openRaw(own.url)
  third.send('40/chat,')
  const told = await frameOf(third, '44/chat,')
  expect(JSON.parse(told)).toMatchObject({ data: { error: 'RATE_LIMITED', retryAfterMs: WAIT } })
  const idle = await openRaw(own.url)
  expect(await upgradeStatus(engineUrl(own.url), {})).toBe(429)
  const polled = await fetch(engineUrl(own.url, 'polling'))
  expect({ status: polled.status, isLater: Number(polled.headers.get('retry-after')) > 0 }).toEqual({
    status: 429,
    isLater: true,
  })
  for (const ws of [third, idle]) ws.terminate()
  for (const plain of two) plain.close()
  await expect.poll(() => upgradeStatus(engineUrl(own.url), {})).toBe(101)
  await own.remove()
})

/** A connection that enters no namespace. */
async function openRaw(url: string): Promise<WebSocket> {
  const ws = new WebSocket(engineUrl(url))
  await once(ws, 'open')
  return ws
}

/** The first text frame that begins so, without that beginning. */
function frameOf(ws: WebSocket, beginning: string): Promise<string> {
  return new Promise((resolve) => {
    ws.on('message', (data) => {
      const frame = data.toString()
      if (frame.startsWith(beginning)) resolve(frame.slice(beginning.length))
    })
  })
}
