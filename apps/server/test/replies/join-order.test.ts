import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createScriptModel } from '../../src/ai/script-model.ts'
import { Chat } from '../../src/chat/chat.ts'
import { Moderation } from '../../src/chat/moderation.ts'
import type { Broadcaster } from '../../src/chat/ports.ts'
import { Replies } from '../../src/chat/replies.ts'
import { systemClock } from '../../src/chat/system-clock.ts'
import { type Database, openDatabase } from '../../src/db/connect.ts'
import { seedPersonas } from '../../src/db/personas.ts'
import { createStore } from '../../src/db/store.ts'
import { asVersion, builtInPersonas } from '../../src/personas/index.ts'
import { copyEmbedded } from '../harness/embedded.ts'
import { PRISMA_DIR } from '../harness/paths.ts'
import { recordingLog } from '../harness/recording-log.ts'

const caller = { userId: 'somebody', socketId: 'socket' }

describe('[J1] the order of a join', () => {
  let dataDir: string
  let database: Database
  let replies: Replies
  let chat: Chat

  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'parley-test-'))
    await copyEmbedded(dataDir)
    const { log } = recordingLog()
    database = await openDatabase({ url: null, dataDir, prismaDir: PRISMA_DIR, log })
    await seedPersonas(database, builtInPersonas.map(asVersion))
    await database.prisma.user.create({ data: { id: caller.userId, name: 'S', email: 's@example.org' } })
    const store = createStore(database, { nodeId: 'node', contextMessages: 10, demo: true })
    const broadcaster: Broadcaster = { toSession: () => {}, toUser: () => {} }
    const model = createScriptModel({ clock: systemClock, limits: { scriptWordMs: 5 } })
    const parts = { store, broadcaster, clock: systemClock }
    const moderator = { name: 'off', check: async () => ({ flagged: false }) }
    const moderation = new Moderation({ moderator, allowOnError: false, log })
    replies = new Replies({ ...parts, model, moderation, log, contextMessages: 10, timeoutMs: 30_000 })
    const signals = { stopped: () => {} }
    chat = new Chat({ ...parts, replies, moderation, signals })
  })
  afterAll(async () => {
    await replies.drain(5_000)
    await database.close()
    await rm(dataDir, { recursive: true, force: true })
  })

  it('what is committed while the socket subscribes is in what the join reads', async () => {
    const subscribed: string[] = []
    const joined = await chat.join(
      caller,
      { personaId: 'wren' },
      {
        add: async (sessionId) => {
          subscribed.push(sessionId)
          await chat.say(caller, { sessionId, content: 'In between' })
          return true
        },
        remove: async () => {},
      },
    )
    expect(subscribed).toEqual([joined.session.id])
    expect(joined.session).toMatchObject({ revision: 3, title: 'In between' })
    expect(joined.messages.map(({ content }) => content)).toEqual([joined.persona.greeting, 'In between', ''])
    expect(joined.live?.replyId).toBe(joined.messages.at(-1)?.id)
  })
})
