import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { clientEvents, type EventTable, listen, type Received, WireFault } from '../src/index.ts'
import { type Loopback, openLoopback } from './loopback.ts'

const table: EventTable = clientEvents
const events = Object.keys(table)

let wire: Loopback
let handled: string[]
let failed: { received: Received; cause: unknown }[]

beforeAll(async () => {
  wire = await openLoopback()
  const handlers = Object.fromEntries(
    events.map((event) => [
      event,
      () => {
        handled.push(event)
        return undefined
      },
    ]),
  )
  listen(wire.server, table, handlers, {
    fail(received, cause) {
      failed.push({ received, cause })
      const path = cause instanceof WireFault ? cause.path : 'no fault'
      received.ack?.({ ok: false, error: { error: 'INVALID_PAYLOAD', message: '', path, requestId: 'r' } })
    },
  })
})
afterAll(() => wire.close())
beforeEach(() => {
  handled = []
  failed = []
})

/** Resolves once the server has read everything that was sent before. */
function everythingRead(): Promise<void> {
  return new Promise((resolve) => {
    wire.server.once('read', resolve)
    wire.client.emit('read')
  })
}

function nested(depth: number): object {
  let value = {}
  for (let level = 0; level < depth; level++) value = { value }
  return value
}

/** The first field that every payload of an event must have. */
const firstField = (event: string) =>
  ({ 'chat:auth': 'userId', 'chat:join': 'personaId' })[event] ?? 'sessionId'

/** Frames that no event accepts, and whether one of its fields is at fault or the payload itself. */
const frames: [string, unknown[], 'field' | 'payload'][] = [
  ['nothing', [], 'payload'],
  ['null', [null], 'payload'],
  ['an array', [[]], 'payload'],
  ['a number', [5], 'payload'],
  ['a string', ['x'], 'payload'],
  ['an empty object', [{}], 'field'],
  ['wrong fields', [{ userId: 5, personaId: 5, sessionId: 5 }], 'field'],
  ['deep nesting', [nested(1_000)], 'field'],
  ['deep fields', [{ userId: nested(900), personaId: nested(900), sessionId: nested(900) }], 'field'],
  ['a Buffer', [Buffer.from('x')], 'field'],
  [
    'Buffers as fields',
    [{ userId: Buffer.from('x'), personaId: Buffer.from('x'), sessionId: Buffer.from('x') }],
    'field',
  ],
  ['an argument too many', [{ userId: 'u', personaId: 'p', sessionId: 's' }, 'x'], 'payload'],
  ['a Buffer too many', [{ userId: 'u', personaId: 'p', sessionId: 's' }, Buffer.from('x')], 'payload'],
]

const cases = frames.flatMap(([name, args, at]) => events.map((event) => ({ name, args, at, event })))

describe('bad frames', () => {
  it.each(cases)(
    '[C1] case f4: $event with $name fails with the path of the fault',
    async ({ event, args, at }) => {
      const path = at === 'field' ? firstField(event) : ''
      const answer: unknown = await wire.client.emitWithAck(event, ...args)
      wire.client.emit(event, ...args)
      await everythingRead()

      expect(answer).toMatchObject({ ok: false, error: { path } })
      expect(handled).toEqual([])
      expect(failed).toHaveLength(2)
      for (const { received, cause } of failed) {
        expect(cause).toBeInstanceOf(WireFault)
        expect(cause).toMatchObject({ kind: 'invalid', path })
        expect(received).toMatchObject({ event, raw: args[0] })
      }
      expect(failed.map(({ received }) => typeof received.ack)).toEqual(['function', 'undefined'])
    },
  )

  it.each(events)('[C1] case f4: %s nested deeper than a stack can follow is refused', async (event) => {
    const depth = 20_000
    wire.client.io.engine.write(`2/chat,["${event}",${'['.repeat(depth)}${']'.repeat(depth)}]`)
    await everythingRead()
    expect(handled).toEqual([])
    expect(failed).toMatchObject([{ cause: { kind: 'invalid', path: '' } }])
  })

  it('[C1] the path leads into the payload', async () => {
    wire.client.emit('chat:history', { sessionId: 's', limit: 0 })
    wire.client.emit('chat:sync', { sessionId: 's', afterRevision: -1 })
    await everythingRead()
    expect(failed).toMatchObject([{ cause: { path: 'limit' } }, { cause: { path: 'afterRevision' } }])
  })

  it('[C1] a good frame is handled after all of them, with and without an ack', async () => {
    wire.client.emit('chat:leave', {})
    wire.client.emit('chat:leave', { sessionId: 's' })
    expect(await wire.client.emitWithAck('chat:leave', { sessionId: 's' })).toEqual({ ok: true, data: {} })
    expect(handled).toEqual(['chat:leave', 'chat:leave'])
  })
})
