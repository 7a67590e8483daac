import { clientEvents, limits } from '@parley/protocol'
import fc from 'fast-check'
import { everyEvent, fieldsOf } from '../access/sample.ts'

/** A WebSocket message: `whole`, or a piece after which more was promised. */
export interface Frame {
  readonly data: string | Uint8Array
  readonly whole: boolean
}

/** Names that are a part of every object, or mean something to a library. */
const treacherous = fc.constantFrom(
  ...['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', 'valueOf', 'then', 'length'],
  ...['connect', 'disconnect', 'disconnecting', 'error', 'connect_error', 'newListener', 'removeListener'],
)
const anyText = fc.string({ unit: 'binary', maxLength: 40 })
const awkward = fc.constantFrom('', ' ', '\0', '\ud83d', '\u202e', '😀', '\x1e', '"', '\\u0000')

/** What an id may be; none of them is anything's. */
const ids = fc.oneof(fc.uuid(), treacherous, awkward, anyText, fc.constant('x'.repeat(limits.idLength + 1)))

const fields = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...new Set(everyEvent.flatMap(fieldsOf))) },
  { weight: 1, arbitrary: fc.oneof(treacherous, anyText) },
)
const scalars = fc.oneof(
  ids,
  fc.integer(),
  fc.constantFrom(null, true, false, -0, 1e308, 2 ** 31, Number.MAX_SAFE_INTEGER),
  fc.constant('x'.repeat(limits.contentCodePoints)),
)

/** JSON text that nests deeper than anybody means to. */
const deep = fc
  .tuple(
    fc.constantFrom('[', '{"a":', '{"__proto__":', '{"constructor":'),
    fc.integer({ min: 1, max: 4_000 }),
  )
  .map(([open, levels]) => `${open.repeat(levels)}1${(open === '[' ? ']' : '}').repeat(levels)}`)

/** A payload that may be right by its form, with ids of nothing. */
const payloads = fc.oneof(
  fc
    .array(fc.tuple(fields, scalars), { maxLength: 8 })
    .map((entries) => `{${entries.map(([key, value]) => `${json(key)}:${json(value)}`).join()}}`),
  fc.constantFrom(...everyEvent).chain(fittingPayload),
  fc.jsonValue({ maxDepth: 4 }).map(json),
  deep,
  placeholder(),
)

/** A value as JSON, also one of which JSON can say nothing. */
function json(value: unknown): string {
  return JSON.stringify(value) ?? 'null'
}

/** What the schema accepts, so that it goes as far as it can. */
function fittingPayload(event: (typeof everyEvent)[number]) {
  const values = fc.record({
    id: fc.uuid(),
    text: fc.constantFrom('Hello', '😀'.repeat(100)),
    number: fc.nat(9),
  })
  return values.map(({ id, text, number }) => {
    const payload = Object.fromEntries(
      fieldsOf(event).map((field) => {
        if (field.endsWith('Id')) return [field, id]
        return [field, field === 'fresh' ? true : /Seq|Revision|limit/.test(field) ? number : text]
      }),
    )
    return json(payload)
  })
}

/** What stands for a binary attachment, rightly and wrongly. */
function placeholder() {
  const numbers = fc.constantFrom<unknown>(0, 1, -1, 1.5, 1e9, null, '0', '__proto__', 'length', [], {})
  return numbers.map((num) =>
    json({ userId: { _placeholder: true, num }, content: { _placeholder: true, num } }),
  )
}

const eventNames = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...Object.keys(clientEvents)).map(json) },
  { weight: 2, arbitrary: fc.oneof(treacherous, awkward, anyText).map(json) },
  // CVE-2023-32695: names that are no text.
  {
    weight: 2,
    arbitrary: fc.constantFrom('null', '1', '[]', '{}', '{"toString":"x"}', '{"length":1}', '["chat:auth"]'),
  },
)
const events = fc
  .tuple(eventNames, fc.array(payloads, { maxLength: 3 }))
  .map(([name, args]) => `[${[name, ...args].join()}]`)

const namespaces = fc.oneof(
  { weight: 8, arbitrary: fc.constant('/chat,') },
  {
    weight: 2,
    arbitrary: fc.constantFrom('', '/', '/,', '/other,', '/chat', '/chat?token=x,', '/__proto__,', '/CHAT,'),
  },
  { weight: 1, arbitrary: fc.constant(`/${'x'.repeat(4_000)},`) },
)
const ackIds = fc.oneof(
  { weight: 2, arbitrary: fc.constant('') },
  { weight: 2, arbitrary: fc.nat(9).map(String) },
  { weight: 1, arbitrary: fc.constantFrom('-1', '1.5', '1e9', 'NaN', '9'.repeat(400), '007', '٣') },
)
const bodies = fc.oneof(
  { weight: 6, arbitrary: events },
  { weight: 1, arbitrary: payloads },
  { weight: 1, arbitrary: events.chain((text) => fc.nat(text.length).map((end) => text.slice(0, end))) },
  { weight: 1, arbitrary: anyText },
)

const text = (data: string): Frame => ({ data, whole: true })

const packets = fc
  .tuple(fc.constantFrom(...'0122222345679'), namespaces, ackIds, bodies)
  .map(([type, namespace, id, body]) => [text(`4${type}${namespace}${id}${body}`)])

/** The same ack id again and again, and answers to what was never asked. */
const acks = fc
  .tuple(ackIds, bodies, fc.integer({ min: 2, max: 4 }), fc.constantFrom('2', '3', '6'))
  .map(([id, body, times, type]) => Array.from({ length: times }, () => text(`4${type}/chat,${id}${body}`)))

/** CVE-2026-33151: attachments that are promised by the million, never come, or come unasked. */
const attachments = fc
  .tuple(
    fc.constantFrom('0', '1', '2', '9', '11', '1000000', '9'.repeat(20), '-1', '1.5', ''),
    fc.constantFrom('5', '6'),
    ackIds,
    events,
    fc.array(fc.uint8Array({ maxLength: 64 }), { maxLength: 12 }),
  )
  .map(([count, type, id, body, parts]) => [
    text(`4${type}${count}-/chat,${id}${body}`),
    ...parts.map((data) => ({ data, whole: true })),
  ])

const oversize = fc.tuple(fc.constantFrom(-1, 0, 1, 5_000), fc.boolean()).map(([more, split]): Frame[] => {
  const head = '42/chat,["chat:leave",{"sessionId":"'
  const data = `${head}${'x'.repeat(limits.frameBytes + more - head.length)}`
  const half = data.length / 2
  return split ? [{ data: data.slice(0, half), whole: false }, text(data.slice(half))] : [text(data)]
})

/** The engine's own packets, and what is none. */
const engine = fc.oneof(
  fc
    .constantFrom('0', '1', '2', '2probe', '3', '3probe', '5', '6', '7', '', 'b', 'bAAAA', '4')
    .map((data) => [text(data)]),
  anyText.map((data) => [text(data)]),
  fc.uint8Array({ maxLength: 200 }).map((data): Frame[] => [{ data, whole: true }]),
  anyText.map((data): Frame[] => [{ data, whole: false }]),
)

/** Frames that belong together. */
export const hostileFrames: fc.Arbitrary<Frame[]> = fc.oneof(
  { weight: 12, arbitrary: packets },
  { weight: 3, arbitrary: acks },
  { weight: 3, arbitrary: attachments },
  { weight: 2, arbitrary: engine },
  { weight: 1, arbitrary: fc.oneof({ weight: 6, arbitrary: packets }, { weight: 1, arbitrary: oversize }) },
)

/** Bodies of polled requests: packets with separators between, base64 that is none, and anything else. */
export const hostileBody: fc.Arbitrary<string> = fc
  .array(
    fc.oneof(
      hostileFrames,
      fc.constantFrom('b!!!!', 'bAAAA', '\x1e', '40/chat,').map((data) => [text(data)]),
    ),
    {
      minLength: 1,
      maxLength: 4,
    },
  )
  .map((groups) => groups.flat().map(({ data }) => (typeof data === 'string' ? data : `b${base64(data)}`)))
  .map((parts) => parts.join('\x1e'))

const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64')
