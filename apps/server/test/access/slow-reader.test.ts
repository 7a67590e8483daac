import { limits } from '@parley/protocol'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { record } from '../harness/plain-socket.ts'
import { say as saying } from '../model-server/behaviour.ts'
import { type Assembled, assemble } from './assembled.ts'
import { converse, must, type Opened, openSession } from './opened.ts'
import { emitRaw, engineUrl, enterRaw, type RawSocket } from './raw-socket.ts'

/** As long as a reply may get, so that a few of them fill every buffer on the way. */
const LONG = 'All work and no play makes a long reply. '.repeat(1_500)
/** More turns than any machine's buffers hold. */
const TURNS_MAX = 200

let parley: Assembled

beforeAll(async () => {
  parley = await assemble()
  parley.model.behave(saying(LONG, { chunks: 8 }))
})
afterAll(() => parley.remove())

/** Characters that the server keeps for a socket: waiting in the engine, and in the WebSocket under it. */
const kept = (id: string): number => {
  const conn = parley.namespace.sockets.get(id)?.conn
  if (!conn) return 0
  const packets: unknown = Reflect.get(conn, 'writeBuffer')
  const waiting = Array.isArray(packets)
    ? packets.map((packet) => String(record(packet).data ?? '').length)
    : []
  const ws: unknown = Reflect.get(conn.transport, 'socket')
  const inFlight: unknown = typeof ws === 'object' && ws !== null ? Reflect.get(ws, 'bufferedAmount') : 0
  return waiting.reduce((sum, length) => sum + length, 0) + Number(inFlight)
}

const joinRaw = async (userId: string, sessionId: string): Promise<RawSocket & { readonly id: string }> => {
  const raw = await enterRaw(parley.url)
  emitRaw(raw, 'chat:auth', { userId })
  emitRaw(raw, 'chat:join', { personaId: 'wren', sessionId })
  await raw.frame((frame) => frame.includes('chat:session'))
  const entered: unknown = JSON.parse((await raw.frame((frame) => frame.startsWith('40/chat,'))).slice(8))
  return { ...raw, id: String(record(entered).sid) }
}

/** Talks for as long as the other socket is there. Gives the replies. */
async function talkUntilGone(talker: Opened, id: string): Promise<string[]> {
  const replies: string[] = []
  while (parley.namespace.sockets.has(id) && replies.length < TURNS_MAX) {
    replies.push((await converse(talker)).replyId)
  }
  expect(parley.namespace.sockets.has(id)).toBe(false)
  return replies
}

/** Joins by polling, by hand, and never asks again. */
async function joinAndStopPolling(userId: string, sessionId: string): Promise<string> {
  const poll = async () => (await fetch(address)).text()
  const post = async (...packets: string[]) =>
    void (await fetch(address, { method: 'POST', body: packets.join('\u001e') }))
  let address = engineUrl(parley.url, 'polling')
  address = engineUrl(parley.url, 'polling', String(JSON.parse((await poll()).slice(1)).sid))
  await post('40/chat,')
  const entered: unknown = JSON.parse((await poll()).slice(8))
  const event = (name: string, payload: object) => `42/chat,${JSON.stringify([name, payload])}`
  await post(event('chat:auth', { userId }), event('chat:join', { personaId: 'wren', sessionId }))
  while (!(await poll()).includes('chat:session'));
  return String(record(entered).sid)
}

describe('[S3] case j3: a client that stops reading', () => {
  it('is disconnected the same when it polls no more', async () => {
    const talker = await openSession(parley.url, 'dora')
    const id = await joinAndStopPolling('dora', talker.sessionId)
    await talkUntilGone(talker, id)
    expect(parley.logged).toContainEqual(expect.objectContaining({ fields: { socketId: id } }))
    talker.close()
  })

  it('is disconnected before much is kept for it, the others get everything, and it catches up by joining', async () => {
    const talker = await openSession(parley.url, 'ada')
    const listener = await openSession(parley.url, 'ada', { sessionId: talker.sessionId })
    const slow = await joinRaw('ada', talker.sessionId)
    let most = 0
    parley.namespace.sockets.get(slow.id)?.conn.on('packetCreate', () => {
      most = Math.max(most, kept(slow.id))
    })
    slow.ws.pause()
    const replies = await talkUntilGone(talker, slow.id)
    expect(most).toBeGreaterThan(0)
    // One batch on its way and one behind it, each at most the limit and the packet that passes it.
    expect(most).toBeLessThan(2 * (limits.socketBufferBytes + 2 * LONG.length))
    expect(parley.logged).toContainEqual(expect.objectContaining({ fields: { socketId: slow.id } }))

    await listener.next('chat:response', ({ id }) => id === replies.at(-1))
    expectEverything(listener, replies)
    expectEverything(talker, replies)

    const again = await openSession(parley.url, 'ada', { sessionId: talker.sessionId })
    const page = await must(again, 'chat:history', { sessionId: talker.sessionId, limit: 1 })
    expect(page.messages).toMatchObject([{ id: replies.at(-1), content: LONG, status: 'complete' }])
    for (const plain of [talker, listener, again]) plain.close()
    slow.ws.terminate()
  })
})

describe('[S3] a client that reads', () => {
  it('a reader that keeps up is left alone, however large one answer is', async () => {
    const reader = await openSession(parley.url, 'bea')
    // A page is bounded by its characters, but JSON writes each of these with six.
    parley.model.behave(saying(`dense${'\u0001'.repeat(60_000)}`, { chunks: 1 }), 4)
    for (let turn = 0; turn < 4; turn++) await converse(reader)
    const joined = await must(reader, 'chat:join', { personaId: 'wren', sessionId: reader.sessionId })
    expect(JSON.stringify(joined).length).toBeGreaterThan(limits.socketBufferBytes)
    await converse(reader)
    expect(reader.socket.connected).toBe(true)
    reader.close()
  })

  it('is watched once, however often its connection enters the namespace', async () => {
    const raw = await joinRaw('cleo', (await openSession(parley.url, 'cleo')).sessionId)
    const conn = parley.namespace.sockets.get(raw.id)?.conn
    const watchers = conn?.listenerCount('packetCreate')
    expect(watchers).toBeGreaterThan(0)
    for (let again = 0; again < 5; again++) {
      raw.ws.send('41/chat,')
      await expect
        .poll(() => [...parley.namespace.sockets.values()].some(({ conn: of }) => of === conn))
        .toBe(false)
      const seen = raw.frames.length
      raw.ws.send('40/chat,')
      await expect.poll(() => raw.frames.slice(seen).some((frame) => frame.startsWith('40/chat,'))).toBe(true)
    }
    expect(conn?.listenerCount('packetCreate')).toBe(watchers)
    raw.ws.terminate()
  })
})

function expectEverything(plain: Opened, replies: readonly string[]): void {
  const texts = new Map<unknown, string>()
  for (const { event, args } of plain.frames) {
    const { replyId, text } = record(args[0])
    if (event === 'chat:delta') texts.set(replyId, `${texts.get(replyId) ?? ''}${text}`)
  }
  const ended = plain.frames
    .filter(({ event }) => event === 'chat:response')
    .map(({ args }) => record(args[0]))
  expect(ended.map(({ id }) => id)).toEqual(replies)
  for (const { id, content } of ended) {
    expect(content === LONG).toBe(true)
    expect(texts.get(id) === LONG).toBe(true)
  }
}
