import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createAi } from '../../src/ai/create.ts'
import { createAuth } from '../../src/auth/auth.ts'
import { createIdentities } from '../../src/auth/identity.ts'
import { Branches } from '../../src/chat/branches.ts'
import { Chat } from '../../src/chat/chat.ts'
import { Moderation } from '../../src/chat/moderation.ts'
import type { Identities, Moderator, Store } from '../../src/chat/ports.ts'
import { Replies } from '../../src/chat/replies.ts'
import { systemClock } from '../../src/chat/system-clock.ts'
import { openDatabase } from '../../src/db/connect.ts'
import { seedPersonas } from '../../src/db/personas.ts'
import { createStore } from '../../src/db/store.ts'
import { asVersion, builtInPersonas } from '../../src/personas/index.ts'
import { createAddressOf } from '../../src/realtime/address.ts'
import { createBroadcaster } from '../../src/realtime/broadcaster.ts'
import { handleSockets } from '../../src/realtime/handlers.ts'
import { createLimiter, type Limiter } from '../../src/realtime/limiter.ts'
import { createSignals } from '../../src/realtime/signals.ts'
import { type ChatNamespace, createSocketServer } from '../../src/realtime/socket-server.ts'
import { copyEmbedded } from '../harness/embedded.ts'
import { PRISMA_DIR } from '../harness/paths.ts'
import { type LogLine, recordingLog } from '../harness/recording-log.ts'
import { type ModelServer, startModelServer } from '../model-server/server.ts'

/** A server of real parts whose seams a test can reach. */
export interface Assembled {
  readonly url: string
  readonly namespace: ChatNamespace
  readonly model: ModelServer
  readonly logged: readonly LogLine[]
  remove(): Promise<void>
}

/** What a test puts around the real parts. */
export interface Wraps {
  readonly store?: (store: Store) => Store
  readonly identities?: (identities: Identities) => Identities
  readonly moderator?: (moderator: Moderator) => Moderator
  readonly limiter?: (limiter: Limiter) => Limiter
}

/** Puts a server together as the program does, on the embedded database and a model server, trusting claims. */
export async function assemble(wraps: Wraps = {}): Promise<Assembled> {
  const dataDir = await mkdtemp(join(tmpdir(), 'parley-test-'))
  await copyEmbedded(dataDir)
  const { log, lines } = recordingLog()
  const database = await openDatabase({ url: null, dataDir, prismaDir: PRISMA_DIR, log })
  await seedPersonas(database, builtInPersonas.map(asVersion))
  const modelServer = await startModelServer()
  const config = { apiKey: 'test', baseUrl: modelServer.url, model: 'test', moderation: 'local' } as const
  const ai = createAi(config, { log, clock: systemClock })
  const kept = createStore(database, { nodeId: randomUUID(), contextMessages: 10, demo: false })
  const store = wraps.store?.(kept) ?? kept
  const counting = createLimiter({ redis: null, addressFactor: 1 })
  const limiter = wraps.limiter?.(counting) ?? counting
  const addressOf = createAddressOf(0, log)
  const sockets = createSocketServer({ allowOrigin: () => true, origins: [], addressOf, limiter })
  const broadcaster = createBroadcaster(sockets.chat, log)
  const common = { store, broadcaster, log, clock: systemClock }
  const moderator = wraps.moderator?.(ai.moderator) ?? ai.moderator
  const moderation = new Moderation({ moderator, allowOnError: false, log })
  const writing = { model: ai.model, moderation, contextMessages: 10, timeoutMs: 30_000 }
  const replies = new Replies({ ...common, ...writing })
  const signals = createSignals(sockets.chat, false)
  const domain = { ...common, replies, signals, moderation }
  const auth = createAuth(database, {
    secret: 's'.repeat(32),
    publicUrl: 'http://localhost',
    trustedOrigins: [],
  })
  const real = createIdentities(auth, database, { trustClaims: true, site: null })
  const identities = wraps.identities?.(real) ?? real
  handleSockets(sockets.chat, {
    chat: new Chat(domain),
    branches: new Branches(domain),
    identities,
    limiter,
    log,
  })

  const http = createServer((_request, response) => response.end())
  sockets.attach(http)
  http.listen(0, '127.0.0.1')
  await once(http, 'listening')
  const address = http.address()
  if (typeof address !== 'object' || address === null) throw new Error('the server has no port')
  return {
    url: `http://127.0.0.1:${address.port}`,
    namespace: sockets.chat,
    model: modelServer,
    logged: lines,
    remove: async () => {
      await replies.drain(0)
      await sockets.close()
      http.closeAllConnections()
      await modelServer.close()
      await database.close()
      await rm(dataDir, { recursive: true, force: true })
    },
  }
}
