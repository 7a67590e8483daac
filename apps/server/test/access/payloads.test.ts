import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Parley, startParley } from '../harness/parley.ts'
import { connectPlain } from '../harness/plain-socket.ts'
import { converse, errorAfter, must, type Opened, openSession } from './opened.ts'
import { emitRaw, enterRaw } from './raw-socket.ts'
import { everyEvent, fieldsOf, sample } from './sample.ts'

const LEVELS = 2_000
const deep: unknown = JSON.parse(`${'['.repeat(LEVELS)}${']'.repeat(LEVELS)}`)
const deepObject: unknown = JSON.parse(`${'{"a":'.repeat(LEVELS)}1${'}'.repeat(LEVELS)}`)

let parley: Parley
let plain: Opened
let ids: { messageId: string; replyId: string }

beforeAll(async () => {
  parley = await startParley({ env: { TRUST_CLIENT_USER_ID: '1' } })
  plain = await openSession(parley.url, 'ada')
  ids = await converse(plain)
})
afterAll(async () => {
  plain.close()
  await parley.remove()
})

const valid = (event: (typeof everyEvent)[number]) =>
  sample(event, { userId: 'ada', sessionId: plain.sessionId, ...ids })

/** What stands in an event's frame before the ack. */
const bad: Record<string, (event: (typeof everyEvent)[number]) => unknown[]> = {
  nothing: () => [],
  null: () => [null],
  'an array': () => [[]],
  'a number': () => [5],
  'a text': () => ['text'],
  'deep arrays': () => [deep],
  'deep objects in every field': (event) => [
    Object.fromEntries(fieldsOf(event).map((name) => [name, deepObject])),
  ],
  'a buffer': () => [Buffer.from('bytes')],
  'a buffer in every field': (event) => [
    Object.fromEntries(fieldsOf(event).map((name) => [name, Buffer.from('bytes')])),
  ],
  'one argument too many': (event) => [valid(event), 'more'],
  'a payload under __proto__': (event) => [JSON.parse(`{"__proto__":${JSON.stringify(valid(event))}}`)],
}

const stored = async () => ({
  missed: await must(plain, 'chat:sync', { sessionId: plain.sessionId, afterRevision: 0 }),
  newest: await must(plain, 'chat:join', { personaId: 'wren' }),
})

describe('[C1] case f4: payloads that do not fit', () => {
  it.each(Object.keys(bad))('%s: every event answers INVALID_PAYLOAD and changes nothing', async (name) => {
    const before = await stored()
    for (const event of everyEvent) {
      const args = bad[name]?.(event) ?? []
      const failure = { error: 'INVALID_PAYLOAD', event }
      expect(await plain.ask(event, ...args)).toMatchObject({ ok: false, error: failure })
      expect(await errorAfter(plain, () => plain.socket.emit(event, ...args))).toMatchObject(failure)
    }
    expect(await stored()).toEqual(before)
    expect(plain.socket.connected).toBe(true)
  })

  it('names the path of the fault', async () => {
    const reply = await plain.ask('chat:history', { sessionId: plain.sessionId, limit: 0 })
    expect(reply).toMatchObject({ error: { error: 'INVALID_PAYLOAD', path: 'limit' } })
  })

  it('a function in the place of the payload is no payload, and the ack still answers', async () => {
    for (const event of everyEvent) {
      expect(await plain.ask(event, () => 'never called')).toMatchObject({
        ok: false,
        error: { error: 'INVALID_PAYLOAD', event },
      })
    }
  })

  it('a payload cannot reach the prototype of anything', async () => {
    const payload: object = JSON.parse(
      `{"sessionId":"${plain.sessionId}","__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}`,
    )
    expect(await plain.ask('chat:history', payload)).toMatchObject({ ok: true })
    expect('polluted' in {}).toBe(false)
  })
})

describe('[C1] case f4: frames of the layers below', () => {
  it.each([
    ['text that is no packet', 'hello'],
    ['a packet type that does not exist', '49/chat,["chat:auth",{}]'],
    ['an event without a name', '42/chat,[]'],
    ['an event whose name is an object', '42/chat,[{},{}]'],
    ['an event whose name is a number', '42/chat,[1,{}]'],
    ['JSON that breaks off', '42/chat,["chat:auth",{'],
    ['a payload that is no array', '42/chat,{"a":1}'],
    ['an event of the library itself', '42/chat,["disconnect","x"]'],
    ['an event named error', '42/chat,["error",{"message":"x"}]'],
    ['a binary event that promises a million attachments', '451000000-/chat,["chat:auth",{}]'],
    ['a binary event whose attachment never comes', '451-/chat,["chat:auth",{"_placeholder":true,"num":0}]'],
    ['another namespace', '42/other,["chat:auth",{}]'],
    ['an ack for nothing', '43/chat,7[{}]'],
    ['a heartbeat nobody asked for', '3'],
  ])('%s harms nobody else', async (_name, frame) => {
    const raw = await enterRaw(parley.url)
    raw.ws.send(frame)
    // Either the connection is closed for it, or it is passed over: both leave the rest alone.
    emitRaw(raw, 'chat:auth', { userId: 'raw' })
    emitRaw(raw, 'chat:history', { sessionId: 'made-up' })
    await Promise.race([raw.closed, raw.frame((text) => text.startsWith('42/chat,["chat:error"'))])
    raw.ws.terminate()
    const other = await connectPlain(parley.url)
    expect(await other.ask('chat:auth', { userId: 'ada' })).toMatchObject({ ok: true })
    other.close()
    expect(plain.socket.connected).toBe(true)
  })
})
