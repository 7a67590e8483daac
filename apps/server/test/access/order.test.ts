import { limits } from '@parley/protocol'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { connectPlain, type PlainSocket } from '../harness/plain-socket.ts'
import { hangAfter } from '../model-server/misbehaviour.ts'
import { around, Gate } from './around.ts'
import { type Assembled, assemble } from './assembled.ts'
import { converse, must, openSession, say } from './opened.ts'

let parley: Assembled
const auth = new Gate()
const history = new Gate()
const open: PlainSocket[] = []

beforeAll(async () => {
  parley = await assemble({
    identities: (identities) => around(identities, () => auth.pass()),
    store: (store) => around(store, (method) => (method === 'history' ? history.pass() : undefined)),
  })
})
afterEach(() => {
  auth.open()
  history.open()
  for (const plain of open.splice(0)) plain.close()
})
afterAll(() => parley.remove())

const connect = async () => {
  const plain = await connectPlain(parley.url)
  open.push(plain)
  return plain
}
const opened = async (userId: string) => {
  const plain = await openSession(parley.url, userId)
  open.push(plain)
  return plain
}

describe('[C2] case d4: events sent before anything was answered', () => {
  it('case d4: auth, join and message sent before anything was answered are handled one after the other', async () => {
    const { sessionId } = await opened('d4')
    const plain = await connect()
    const order: string[] = []
    const ask = async (event: string, payload: object) => {
      const reply = await plain.ask(event, payload)
      order.push(event)
      return reply
    }
    auth.shut()
    const asked = Promise.all([
      ask('chat:auth', { userId: 'd4' }),
      ask('chat:join', { personaId: 'wren', sessionId }),
      ask('chat:message', { sessionId, content: 'Hello there' }),
    ])
    // All three have been read by now, and the first is still being handled.
    await untilHeld(plain)
    expect(order).toEqual([])
    auth.open()
    for (const reply of await asked) expect(reply).toMatchObject({ ok: true })
    expect(order).toEqual(['chat:auth', 'chat:join', 'chat:message'])
    await plain.next('chat:response')
  })

  it('case d4: the same without acks', async () => {
    const { sessionId } = await opened('d4-plain')
    const plain = await connect()
    auth.shut()
    plain.socket.emit('chat:auth', { userId: 'd4-plain' })
    plain.socket.emit('chat:join', { personaId: 'wren', sessionId })
    plain.socket.emit('chat:message', { sessionId, content: 'Hello there' })
    await untilHeld(plain)
    auth.open()
    await plain.next('chat:response')
    expect(plain.frames.filter(({ event }) => event === 'chat:error')).toEqual([])
  })
})

describe('[C2] what waits and what does not', () => {
  it('a socket that waits holds up no other one', async () => {
    const one = await opened('one')
    const other = await opened('other')
    await converse(other)
    history.shut()
    const held = one.ask('chat:history', { sessionId: one.sessionId })
    await converse(other, 'And again')
    history.open()
    expect(await held).toMatchObject({ ok: true })
  })

  it('chat:stop overtakes what waits before it', async () => {
    const plain = await opened('stopping')
    parley.model.behave(hangAfter('Let me ', 'think'), 1)
    const { replyId } = await say(plain)
    await plain.next('chat:delta')
    history.shut()
    const order: string[] = []
    const held = plain.ask('chat:history', { sessionId: plain.sessionId }).then(() => order.push('history'))
    const stopped = await must(plain, 'chat:stop', { sessionId: plain.sessionId, replyId })
    order.push('stop')
    expect(stopped).toMatchObject({
      id: replyId,
      status: 'stopped',
      content: expect.stringMatching(/^Let me /),
    })
    history.open()
    await held
    expect(order).toEqual(['stop', 'history'])
  })
})

describe('[C2] more events than may wait', () => {
  it('more events than may wait are refused with BUSY, and those that wait are answered in order', async () => {
    const plain = await opened('busy')
    const excess = 10
    const answered: { at: number; reply: unknown }[] = []
    history.shut()
    const asked = Array.from({ length: limits.queuedEvents + excess }, async (_, at) => {
      const reply = await plain.ask('chat:history', { sessionId: plain.sessionId })
      answered.push({ at, reply })
    })
    await Promise.all(asked.slice(limits.queuedEvents))
    expect(answered.map(({ at }) => at)).toEqual(asked.map((_, at) => at).slice(limits.queuedEvents))
    for (const { reply } of answered) {
      expect(reply).toMatchObject({ ok: false, error: { error: 'BUSY', event: 'chat:history' } })
    }
    history.open()
    await Promise.all(asked)
    expect(answered.slice(excess).map(({ at }) => at)).toEqual(
      asked.map((_, at) => at).slice(0, limits.queuedEvents),
    )
    for (const { reply } of answered.slice(excess)) expect(reply).toMatchObject({ ok: true })
    expect(await plain.ask('chat:history', { sessionId: plain.sessionId })).toMatchObject({ ok: true })
  })

  it('the excess of a client that takes no acks is told by chat:error', async () => {
    const plain = await opened('busy-plain')
    history.shut()
    for (let sent = 0; sent <= limits.queuedEvents; sent++) {
      plain.socket.emit('chat:history', { sessionId: plain.sessionId })
    }
    expect(await plain.next('chat:error')).toMatchObject({ error: 'BUSY', event: 'chat:history' })
    history.open()
  })

  it('a socket that leaves while its events wait is forgotten: it is in no room', async () => {
    const { sessionId } = await opened('leaver')
    const plain = await connect()
    const { id } = plain.socket
    auth.shut()
    plain.socket.emit('chat:auth', { userId: 'leaver' })
    plain.socket.emit('chat:join', { personaId: 'wren', sessionId })
    await untilHeld(plain)
    plain.close()
    await expect.poll(() => [...parley.namespace.sockets.keys()]).not.toContain(id)
    auth.open()
    const witness = await opened('leaver')
    await converse(witness)
    expect([...parley.namespace.adapter.sids.keys()]).not.toContain(id)
  })
})

/** Waits until the server has read what `plain` sent: a stop is never held, so it answers at once. */
async function untilHeld(plain: PlainSocket): Promise<void> {
  await plain.ask('chat:stop', { sessionId: 'made-up', replyId: 'made-up' })
}

describe('[A1] a credential that ends while its socket is open', () => {
  it('opens nothing more: the next event hears NOT_AUTHENTICATED', async () => {
    let expiresAt = new Date(Date.now() + 1).toISOString()
    const parley = await assemble({
      identities: (identities) => ({
        ...identities,
        claim: async (userId) => ({ userId, guest: true, expiresAt, loginId: null }),
      }),
    })
    const other = await connectPlain(parley.url)
    await must(other, 'chat:auth', { userId: 'short' })
    await expect.poll(() => Date.now()).toBeGreaterThan(Date.parse(expiresAt))
    for (const event of ['chat:join', 'chat:history', 'chat:leave']) {
      const payload = { personaId: 'wren', sessionId: 'made-up' }
      expect(await other.ask(event, payload)).toMatchObject({ error: { error: 'NOT_AUTHENTICATED', event } })
    }
    expiresAt = new Date(Date.now() + 60_000).toISOString()
    await must(other, 'chat:auth', { userId: 'short' })
    expect(await other.ask('chat:history', { sessionId: 'made-up' })).toMatchObject({
      error: { error: 'SESSION_NOT_FOUND' },
    })
    other.close()
    await parley.remove()
  })
})
