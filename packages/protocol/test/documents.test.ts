import { execFile } from 'node:child_process'
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { asyncApiDocument } from '../scripts/document.ts'
import { withTables } from '../scripts/guide.ts'
import { guideTables } from '../scripts/tables.ts'
import { clientEvents, errors, limits, serverEvents } from '../src/index.ts'

const root = fileURLToPath(new URL('../../../', import.meta.url))

const Ref = z.strictObject({ $ref: z.string() })
const Refs = z.array(Ref).nonempty()

/** The part of the AsyncAPI 3.0.0 specification that the document uses. */
const AsyncApi = z.looseObject({
  asyncapi: z.literal('3.0.0'),
  info: z.strictObject({
    title: z.string().min(1),
    version: z.string().regex(/^\d+\.\d+\.\d+$/),
    description: z.string(),
    license: z.strictObject({ name: z.string() }),
  }),
  servers: z.record(z.string(), z.looseObject({ host: z.string(), protocol: z.string() })),
  channels: z.strictObject({
    chat: z.strictObject({
      address: z.string(),
      description: z.string(),
      messages: z.record(z.string(), Ref),
    }),
  }),
  operations: z.record(
    z.string(),
    z.strictObject({
      action: z.enum(['send', 'receive']),
      channel: Ref,
      title: z.string(),
      summary: z.string(),
      messages: Refs,
      reply: z.strictObject({ channel: Ref, messages: Refs }).optional(),
    }),
  ),
  components: z.strictObject({
    messages: z.record(
      z.string().regex(/^[\w.-]+$/),
      z.strictObject({ name: z.string(), title: z.string(), summary: z.string(), payload: Ref }),
    ),
    schemas: z.record(z.string().regex(/^[\w.-]+$/), z.looseObject({})),
  }),
})

const document: unknown = JSON.parse(JSON.stringify(asyncApiDocument()))
const api = AsyncApi.parse(document)

/** What a local reference points to; undefined where it leads nowhere. */
function resolve(ref: string): unknown {
  const steps = ref.replace('#/', '').split('/')
  return steps.reduce<unknown>((at, step) => new Map(Object.entries(Object(at))).get(step), document)
}

function refsIn(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, inner]) =>
    key === '$ref' && typeof inner === 'string' ? [inner] : refsIn(inner),
  )
}

/** The event and the payload schema behind a reference to a message of the channel. */
function messageBehind(ref: string) {
  const { $ref } = Ref.parse(resolve(ref))
  const message = AsyncApi.shape.components.shape.messages.valueType.parse(resolve($ref))
  return { event: message.name, schema: resolve(message.payload.$ref) }
}

describe('the AsyncAPI document', () => {
  it('refers only to what it holds', () => {
    const refs = refsIn(document)
    expect(refs.length).toBeGreaterThan(100)
    expect(refs.filter((ref) => !ref.startsWith('#/') || resolve(ref) === undefined)).toEqual([])
  })

  it('has an operation for every event, with a reply where the event has an ack', () => {
    const operations = Object.values(api.operations).map(({ action, title, messages, reply }) => ({
      action,
      title,
      message: messages.map(({ $ref }) => messageBehind($ref).event),
      reply: reply?.messages.map(({ $ref }) => messageBehind($ref).event),
    }))
    const received = Object.keys(clientEvents).map((event) => ({
      action: 'receive',
      title: event,
      message: [event],
      reply: [event],
    }))
    const sent = Object.keys(serverEvents).map((event) => ({
      action: 'send',
      title: event,
      message: [event],
      reply: undefined,
    }))
    expect(operations).toEqual([...received, ...sent])
  })

  it('describes the payloads that the schemas accept', () => {
    const { schema } = messageBehind(api.operations.receiveChatHistory?.messages[0]?.$ref ?? '')
    expect(schema).toMatchObject({
      required: ['sessionId'],
      properties: { limit: { type: 'integer', minimum: 1, maximum: limits.pageMessagesMax } },
    })
    expect(resolve('#/components/schemas/Content')).toMatchObject({ maxLength: limits.contentCodePoints })
    const { schema: reply } = messageBehind(api.operations.receiveChatStop?.reply?.messages[0]?.$ref ?? '')
    expect(reply).toMatchObject({
      oneOf: [
        { properties: { ok: { const: true }, data: { $ref: '#/components/schemas/Message' } } },
        { properties: { ok: { const: false }, error: { $ref: '#/components/schemas/WireError' } } },
      ],
    })
  })

  it('carries every code with its sentence', () => {
    expect(api['x-errors']).toEqual(errors)
  })

  it('is the same each time it is made', () => {
    expect(JSON.stringify(asyncApiDocument())).toBe(JSON.stringify(asyncApiDocument()))
  })
})

describe('the tables of the guide', () => {
  it('name every event, code and limit', () => {
    const tables = guideTables()
    for (const event of Object.keys(clientEvents))
      expect(tables['client-events']).toContain(`| \`${event}\` `)
    for (const event of Object.keys(serverEvents))
      expect(tables['server-events']).toContain(`| \`${event}\` `)
    for (const [code, { sentence }] of Object.entries(errors)) {
      expect(tables.errors).toMatch(new RegExp(`\`${code}\` .*${sentence}`))
    }
    for (const limit of Object.keys(limits)) expect(tables.limits).toContain(`| \`${limit}\` `)
  })

  it('have one place each', () => {
    expect(withTables('<!-- generated: a -->\nold\n<!-- end: a -->', { a: 'new' })).toBe(
      '<!-- generated: a -->\n\nnew\n\n<!-- end: a -->',
    )
    expect(() => withTables('', { a: '' })).toThrow('no place for a')
    expect(() => withTables('<!-- generated: a -->\n<!-- end: a -->', {})).toThrow('nothing generates')
  })
})

describe('the check', { timeout: 60_000 }, () => {
  let docs: string
  beforeEach(async () => {
    docs = await mkdtemp(join(tmpdir(), 'parley-docs-'))
    for (const name of ['protocol.md', 'asyncapi.json']) await cp(join(root, 'docs', name), join(docs, name))
  })
  afterEach(() => rm(docs, { recursive: true }))

  const run = (...args: string[]) =>
    new Promise<{ code: unknown; stderr: string }>((done) => {
      const command = [
        '--import',
        'tsx',
        fileURLToPath(new URL('../scripts/asyncapi.ts', import.meta.url)),
        ...args,
        docs,
      ]
      execFile(process.execPath, command, (error, _, stderr) => done({ code: error?.code ?? 0, stderr }))
    })

  it('passes on the documents of this repository', async () => {
    expect(await run('--check')).toEqual({ code: 0, stderr: '' })
  })

  it('fails with one sentence when a document is stale, and writing it mends that', async () => {
    const guide = join(docs, 'protocol.md')
    const fresh = await readFile(guide, 'utf8')
    await writeFile(guide, fresh.replace('`chat:stop`', '`chat:halt`'))
    await rm(join(docs, 'asyncapi.json'))

    const { code, stderr } = await run('--check')
    expect(code).toBe(1)
    expect(stderr).toBe('Stale: asyncapi.json and protocol.md; run `pnpm docs:protocol`.\n')

    await run()
    expect(await run('--check')).toEqual({ code: 0, stderr: '' })
    expect(await readFile(guide, 'utf8')).toBe(fresh)
  })
})
