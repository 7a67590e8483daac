import { WireError } from '@parley/protocol'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { StorageUnavailable } from '../../src/chat/ports.ts'
import { echo } from '../model-server/behaviour.ts'
import { around } from './around.ts'
import { type Assembled, assemble } from './assembled.ts'
import { converse, errorAfter, must, type Opened, openSession } from './opened.ts'
import { everyEvent, sample } from './sample.ts'

/** What may be thrown, and the code that the sender is told. */
const CAUSES = [
  ['an error', () => new Error('canary: SELECT * FROM "User"'), 'INTERNAL'],
  [
    'a database that is away',
    () => new StorageUnavailable('canary', { cause: new Error('canary') }),
    'STORAGE_UNAVAILABLE',
  ],
  ['a text', () => 'canary', 'INTERNAL'],
  ['nothing at all', () => undefined, 'INTERNAL'],
  ['an error that cannot be read', () => unreadable(), 'INTERNAL'],
] as const

/** An error whose parts throw when they are looked at. */
function unreadable(): Error {
  const error = new Error('canary')
  Object.defineProperty(error, 'cause', {
    get() {
      throw new Error('canary')
    },
  })
  return error
}

/** What replies do by themselves, at their own time. */
const BACKGROUND = new Set(['personaVersion', 'flush', 'finishReply', 'releaseReplies'])

let parley: Assembled
let plain: Opened
let passed: string[] = []
let trap: { at: number; cause: () => unknown } | null = null
let background: { method: string; cause: () => unknown } | null = null

const pass = (part: string) => (method: string) => {
  if (BACKGROUND.has(method)) {
    if (background?.method !== method) return
    const { cause } = background
    background = null
    throw cause()
  }
  passed.push(`${part}.${method}`)
  if (trap && passed.length - 1 === trap.at) throw trap.cause()
}

beforeAll(async () => {
  parley = await assemble({
    store: (store) => around(store, pass('store')),
    identities: (identities) => around(identities, pass('identities')),
    moderator: (moderator) => around(moderator, pass('moderator')),
    // One person sends more in these tests than anybody may.
    limiter: (limiter) => ({ ...limiter, takeSend: async () => null }),
  })
})
afterAll(async () => {
  plain.close()
  await parley.remove()
})

const payloadOf = async (event: (typeof everyEvent)[number]) => {
  const ids = await converse(plain)
  return sample(event, { userId: 'ada', sessionId: plain.sessionId, ...ids })
}

describe('[C2] case j2: an error at each await of each handler', () => {
  it.each(everyEvent)(
    '%s answers with a typed error wherever it breaks, and works afterwards',
    async (event) => {
      plain ??= await openSession(parley.url, 'ada')
      const payload = await payloadOf(event)
      passed = []
      await plain.ask(event, payload)
      const steps = [...passed]
      for (const [at, step] of steps.entries()) {
        for (const [name, cause, code] of CAUSES) {
          passed = []
          trap = { at, cause }
          const reply = await plain.ask(event, payload)
          passed = []
          const told = await errorAfter(plain, () => plain.socket.emit(event, payload))
          trap = null
          // A moderator that breaks is a part that is away, not a fault of the server.
          const expected = step.startsWith('moderator') ? 'AI_UNAVAILABLE' : code
          expect(reply, `${name} at ${step}`).toMatchObject({ ok: false, error: { error: expected, event } })
          expect(told, `${name} at ${step}`).toMatchObject({ error: expected, event })
          expect(WireError.strict().safeParse(told).success).toBe(true)
          expect(JSON.stringify([reply, told])).not.toContain('canary')
          // Nothing at all leaves nothing to log, where a part of ours has not thrown it itself.
          if (cause() === undefined) continue
          const { requestId } = told
          expect(parley.logged).toContainEqual(
            expect.objectContaining({ fields: expect.objectContaining({ requestId, event }) }),
          )
        }
      }
      expect(plain.socket.connected).toBe(true)
      if (event !== 'chat:leave') await converse(plain)
      await must(plain, 'chat:join', { personaId: 'wren', sessionId: plain.sessionId })
    },
  )

  it('every event but those that only refuse and chat:leave was broken somewhere', async () => {
    const counts = new Map<string, number>()
    for (const event of everyEvent) {
      const payload = await payloadOf(event)
      passed = []
      await plain.ask(event, payload)
      counts.set(event, passed.length)
      await must(plain, 'chat:join', { personaId: 'wren', sessionId: plain.sessionId })
    }
    expect(Object.fromEntries(counts)).toMatchObject({
      'chat:auth': 1,
      'chat:join': 3,
      'chat:message': 2,
      'chat:stop': 1,
      'chat:history': 1,
      'chat:sync': 1,
    })
  })
})

describe('[C2] case j2: an error while a reply is written', () => {
  it.each(CAUSES)(
    'a reply whose persona cannot be read (%s) ends failed, and the next one works',
    async (_name, cause) => {
      background = { method: 'personaVersion', cause }
      const said = await must(plain, 'chat:message', { sessionId: plain.sessionId, content: 'Hello' })
      expect(said).toMatchObject({ duplicate: false })
      const failed = await plain.next('chat:response', ({ status }) => status === 'failed')
      const told = await plain.next('chat:error', ({ replyId }) => replyId === failed.id)
      expect(failed).toMatchObject({ sender: 'ai', content: '', error: told.error })
      expect(['INTERNAL', 'STORAGE_UNAVAILABLE']).toContain(told.error)
      await converse(plain)
      plain.close()
      plain = await openSession(parley.url, 'ada')
    },
  )

  it.each(CAUSES)(
    'a finished reply that cannot be saved at once (%s) is saved later',
    async (_name, cause) => {
      background = { method: 'finishReply', cause }
      const { replyId } = await converse(plain, 'Hello')
      expect(background).toBeNull()
      const page = await must(plain, 'chat:history', { sessionId: plain.sessionId })
      expect(JSON.stringify(page)).toContain(replyId)
    },
  )

  it.each(CAUSES)('a flush that fails (%s) loses nothing', async (_name, cause) => {
    background = { method: 'flush', cause }
    parley.model.behave(echo({ delayMs: 60 }), 1)
    await converse(plain, 'one two three four five six seven eight')
    const page = await must(plain, 'chat:history', { sessionId: plain.sessionId })
    expect(JSON.stringify(page)).toContain('You said: one two three four five six seven eight')
  })
})
