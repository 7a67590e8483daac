import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import OpenAI from 'openai'
import { WebSocketServer } from 'ws'
import { z } from 'zod'
import { openDatabase } from '../src/db/connect.ts'
import { seedPersonas } from '../src/db/personas.ts'
import { createStore } from '../src/db/store.ts'
import { asVersion, builtInPersonas } from '../src/personas/index.ts'
import { benchLog, PRISMA_DIR } from './setting.ts'

/**
 * The least that such a server can do: the same commit, the same SDK and a `ws` hop. No contract, no
 * identity, no moderation, no other socket, and nothing is saved of the reply.
 */
const Setting = z.object({ url: z.string().nullable(), dataDir: z.string(), modelUrl: z.string() })

const USER = 'bench'

const setting = Setting.parse(JSON.parse(process.argv[2] ?? ''))
const database = await openDatabase({ ...setting, prismaDir: PRISMA_DIR, log: benchLog })
const store = createStore(database, { nodeId: randomUUID(), contextMessages: 10, demo: false })
const openai = new OpenAI({ apiKey: 'bench', baseURL: setting.modelUrl, maxRetries: 0 })
const sessionId = await openSession()
const sockets = new WebSocketServer({ port: 0, host: '127.0.0.1' })

sockets.on('connection', (socket) => {
  socket.on('message', async (frame) => {
    const turn = { userId: USER, sessionId, content: String(frame), title: 'bench' }
    const result = await store.commitTurn({ ...turn, clientMessageId: randomUUID() })
    if (result.outcome !== 'committed' || !result.job) throw new Error(`the floor got ${result.outcome}`)
    const messages = result.job.context.map(({ sender, content }) =>
      sender === 'user' ? { role: 'user' as const, content } : { role: 'assistant' as const, content },
    )
    let text = ''
    for await (const chunk of await openai.chat.completions.create({
      model: 'bench',
      messages,
      stream: true,
    })) {
      const piece = chunk.choices[0]?.delta.content ?? ''
      if (text === '' && piece !== '') socket.send(piece)
      text += piece
    }
    const { replyId, epoch } = result.job
    const end = { finishReason: 'stop' as const, error: null, usage: null, tokens: 0, demo: false }
    await store.finishReply({ replyId, epoch, status: 'complete', content: text, ...end })
    socket.send('')
  })
})
await once(sockets, 'listening')
const address = sockets.address()
process.stdout.write(`ready ${typeof address === 'object' && address ? address.port : ''}\n`)
process.on('SIGTERM', async () => {
  sockets.close()
  await database.close()
  process.exit(0)
})

async function openSession(): Promise<string> {
  await seedPersonas(database, builtInPersonas.map(asVersion))
  await database.prisma.user.create({ data: { id: USER, name: USER, email: 'bench@bench.invalid' } })
  const persona = (await store.personas())[0]
  if (!persona) throw new Error('there is no persona')
  const opened = await store.openSession({
    userId: USER,
    personaId: persona.personaId,
    sessionId: null,
    fresh: true,
    clientRequestId: null,
    greeting: persona.greeting,
    personaVersionId: persona.id,
  })
  if (!opened) throw new Error('no session was opened')
  return opened.sessionId
}
