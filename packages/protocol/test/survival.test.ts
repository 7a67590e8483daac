import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import {
  clientEvents,
  type EventSpec,
  type EventTable,
  errors,
  listen,
  request,
  send,
  serverEvents,
  WireError,
  type WireSocket,
} from '../src/index.ts'
import { arbitraryOf } from './arbitraries.ts'
import { type Loopback, openLoopback } from './loopback.ts'

const runs = { numRuns: 100 }

let wire: Loopback
beforeAll(async () => {
  wire = await openLoopback()
})
afterAll(() => wire.close())

/** What arrives at the other end when `payload` is sent as `event`: as it came, and parsed. */
function arrival(from: WireSocket, to: WireSocket, event: string, spec: EventSpec, payload: unknown) {
  return new Promise<{ raw: unknown; parsed: unknown }>((resolve, reject) => {
    const table: EventTable = { [event]: spec }
    const stop = listen(
      to,
      table,
      {
        [event](parsed, { raw }) {
          stop()
          resolve({ raw, parsed })
          return undefined
        },
      },
      {
        fail(_, cause) {
          stop()
          reject(cause)
        },
      },
    )
    send(from, table, event, payload)
  })
}

/** Both tables, by the direction in which their events travel. */
const directions = [
  { way: 'client to server', table: clientEvents, ends: () => [wire.client, wire.server] as const },
  { way: 'server to client', table: serverEvents, ends: () => [wire.server, wire.client] as const },
]

describe.each(directions)('$way', ({ table, ends }) => {
  const events: [string, EventSpec][] = Object.entries(table)

  it.each(events)(
    '[C1] %s: an accepted payload arrives unchanged and means the same',
    async (event, spec) => {
      const [from, to] = ends()
      await fc.assert(
        fc.asyncProperty(arbitraryOf(spec.payload), async (payload) => {
          const { raw, parsed } = await arrival(from, to, event, spec, payload)
          expect(raw).toStrictEqual(payload)
          expect(parsed).toStrictEqual(z.parse(spec.payload, payload))
        }),
        runs,
      )
    },
  )

  it.each(events)('[C1] %s: parsing twice is parsing once', (_, spec) => {
    fc.assert(
      fc.property(arbitraryOf(spec.payload), (payload) => {
        const once = z.parse(spec.payload, payload)
        expect(z.parse(spec.payload, once)).toStrictEqual(once)
      }),
      runs,
    )
  })

  it.each(events)(
    '[C1] %s: keys that the event does not have are dropped, `__proto__` included',
    async (event, spec) => {
      const [from, to] = ends()
      const strange = fc.dictionary(
        fc.constantFrom('__proto__', 'constructor', 'toString', 'x'),
        fc.string({ unit: 'binary' }),
        {
          minKeys: 1,
          noNullPrototype: true,
        },
      )
      await fc.assert(
        fc.asyncProperty(arbitraryOf(spec.payload), strange, async (payload, extra) => {
          const { parsed } = await arrival(from, to, event, spec, merged(extra, payload))
          expect(parsed).toStrictEqual(z.parse(spec.payload, payload))
          expect(Object.getPrototypeOf(parsed)).toBe(Object.prototype)
        }),
        runs,
      )
    },
  )
})

/** Own keys of both, `__proto__` as a plain key. */
function merged(extra: object, payload: unknown): object {
  return Object.fromEntries([...Object.entries(extra), ...Object.entries(Object(payload))])
}

describe('acks', () => {
  const events = Object.entries(clientEvents)

  it.each(events)('[C1] %s: accepted ack data arrives unchanged', async (event, spec) => {
    const table: Record<string, EventSpec & { ack: z.ZodType }> = {
      [event]: { ...spec, payload: z.unknown() },
    }
    let data: unknown
    const stop = listen(wire.server, table, { [event]: () => data }, { fail: () => undefined })
    await fc.assert(
      fc.asyncProperty(arbitraryOf(spec.ack), async (value) => {
        data = value
        const reply = await request(wire.client, table, event, {}, { timeoutMs: 5_000 })
        expect(reply).toStrictEqual({ ok: true, data: value })
      }),
      runs,
    )
    stop()
  })

  it('[C1] every code and every failure arrives unchanged', async () => {
    const table = { 'chat:leave': clientEvents['chat:leave'] }
    let failure: unknown
    const stop = listen(
      wire.server,
      table,
      {
        'chat:leave': () => {
          throw failure
        },
      },
      { fail: ({ ack }, cause) => ack?.({ ok: false, error: WireError.parse(cause) }) },
    )
    const codes = Object.keys(errors).map((error) => ({ error, message: '', requestId: 'r' }))
    for (const error of [...codes, ...fc.sample(arbitraryOf(WireError), runs.numRuns)]) {
      failure = error
      const reply = await request(wire.client, table, 'chat:leave', { sessionId: 's' }, { timeoutMs: 5_000 })
      expect(reply).toStrictEqual({ ok: false, error })
    }
    stop()
  })
})
