import { randomUUID } from 'node:crypto'
import { createServer, type Server as HttpServer } from 'node:http'
import { limits } from '@parley/protocol'
import { createAi } from './ai/create.ts'
import { keptSecret } from './auth/auth.ts'
import { allowedOrigins, createOriginCheck } from './auth/origins.ts'
import { Branches } from './chat/branches.ts'
import { Chat, type ChatDeps } from './chat/chat.ts'
import { Moderation } from './chat/moderation.ts'
import type { Log } from './chat/ports.ts'
import { Replies } from './chat/replies.ts'
import { systemClock } from './chat/system-clock.ts'
import { closeAll } from './closing.ts'
import { type Database, openDatabase } from './db/connect.ts'
import { seedPersonas } from './db/personas.ts'
import { createStore } from './db/store.ts'
import type { Env } from './env.ts'
import { createApp, type HttpDeps } from './http/app.ts'
import { createPeople } from './people.ts'
import { asVersion, builtInPersonas } from './personas/index.ts'
import { readinessOf } from './readiness.ts'
import { createAddressOf } from './realtime/address.ts'
import { createBroadcaster } from './realtime/broadcaster.ts'
import { CatchUp } from './realtime/catch-up.ts'
import { handleSockets } from './realtime/handlers.ts'
import { createLimiter } from './realtime/limiter.ts'
import { endExpired, endLoginsThatAreOver } from './realtime/logins.ts'
import { type Broker, connectRedis } from './realtime/redis.ts'
import { createSignals, hearSignals } from './realtime/signals.ts'
import { createSocketServer, type SocketServer } from './realtime/socket-server.ts'
import type { Keeping } from './realtime/trimming.ts'
import { Upkeep } from './upkeep.ts'

/** A server that is put together but does not listen yet. */
export interface Application {
  readonly http: HttpServer
  /** What it uses, for the start line. */
  readonly parts: { readonly model: string; readonly database: string; readonly broker: string }
  /** Ends in order: no new work, live replies, sockets, database. May be called twice. */
  close(): Promise<void>
}

/** Folders that are not the program's own. */
export interface Folders {
  /** Of `schema.prisma` and `migrations/`. */
  readonly prisma: string
  /** Of the built page; null: another server serves it. */
  readonly page: string | null
}

/** Times that a test makes shorter or longer, in milliseconds. */
export interface Timing {
  /** How long a reply stays owned without a sign of life. */
  readonly leaseMs: number
  /** How often replies of processes that died are looked for. */
  readonly recoverEveryMs: number
  /** When counts of rates start anew; whole seconds. */
  readonly rateWindowMs?: number
  /** How long broadcasts stay in Redis. */
  readonly keeping?: Keeping
}

/** How long live replies may go on after the server was told to end, in milliseconds. */
const GRACE_MS = { production: 20_000, development: 2_500 }
const TIMING: Timing = { leaseMs: limits.leaseMs, recoverEveryMs: 2_000 }
/** How often the credentials of open sockets are checked, in milliseconds; well within 5 s [A1]. */
const LOGIN_CHECK_MS = 3_000
/** How often moves of guests are looked for that no process finished, in milliseconds. */
const GUEST_CHECK_MS = 30_000

/**
 * Puts the server together. The order is that of need: database, broker, model, domain, sockets, HTTP.
 */
export async function compose(
  env: Env,
  folders: Folders,
  log: Log,
  timing: Timing = TIMING,
): Promise<Application> {
  const secret = env.BETTER_AUTH_SECRET ?? (await keptSecret(env.DATA_DIR))
  const database = await openDatabase({
    url: env.DATABASE_URL,
    dataDir: env.DATA_DIR,
    prismaDir: folders.prisma,
    log,
  })
  try {
    await seedPersonas(database, builtInPersonas.map(asVersion))
    const broker = env.REDIS_URL === null ? null : await connectRedis(env.REDIS_URL, log, timing.keeping)
    return await assemble({ env, secret, database, broker, page: folders.page, log, timing })
  } catch (cause) {
    await database.close()
    throw cause
  }
}

interface Ground {
  readonly env: Env
  readonly secret: string
  readonly database: Database
  readonly broker: Broker | null
  readonly page: string | null
  readonly log: Log
  readonly timing: Timing
}

async function assemble(ground: Ground): Promise<Application> {
  const { env, database, broker, page, log, timing } = ground
  const { model, moderator } = chooseAi(env, log)
  const origins = allowedOrigins([env.publicUrl, ...env.frontendOrigins])
  const allowOrigin = createOriginCheck(origins)
  const { limiter, addressOf, takeRequest } = createLimits(env, broker, log, timing)
  const adapter = broker ? { adapter: broker.adapter } : {}
  const sockets = createSocketServer({ allowOrigin, origins, addressOf, limiter, ...adapter })
  const { auth, identities, guests } = createPeople(ground, origins, sockets)
  const { domain, catchUp } = createDomain(ground, { model, moderator }, sockets)
  const { store, replies } = domain
  const chat = { chat: new Chat(domain), branches: new Branches(domain) }
  handleSockets(sockets.chat, { ...chat, identities, limiter, log })

  let closing: Promise<void> | undefined
  const readiness = () => readinessOf(database, broker, closing !== undefined)
  const secure = env.publicUrl.startsWith('https:')
  const signInWays = { password: true, oidc: env.oidc && { name: env.OIDC_NAME } }
  const rest = {
    signInWays,
    auth,
    secure,
    identities,
    store,
    allowOrigin,
    origins,
    takeRequest,
    readiness,
    page,
    log,
  }
  const http = createServer(createApp(rest))
  sockets.attach(http)

  await replies.recover(database.embedded)
  const upkeep = new Upkeep(log)
  upkeep.every(timing.recoverEveryMs, 'recovery', () => replies.recover(false))
  upkeep.every(GUEST_CHECK_MS, 'moving guests', () => guests.finish())
  upkeep.every(LOGIN_CHECK_MS, 'the login check', () => {
    endExpired(sockets.chat)
    return endLoginsThatAreOver(sockets.chat, identities, log)
  })

  const graceMs = env.production ? GRACE_MS.production : GRACE_MS.development
  const parts = { upkeep, catchUp, sockets, replies, http, broker, database }
  return {
    http,
    parts: {
      model: model.name,
      database: database.description,
      broker: broker?.description ?? 'none (one process)',
    },
    close: () => (closing ??= closeAll(parts, graceMs, log)),
  }
}

/** The conversations themselves, and how processes tell each other of them. */
function createDomain(ground: Ground, ai: ReturnType<typeof createAi>, sockets: SocketServer) {
  const { env, database, broker, log, timing } = ground
  const { model, moderator } = ai
  const shared = { log, clock: systemClock, contextMessages: env.CONTEXT_MESSAGES, leaseMs: timing.leaseMs }
  const spend = {
    guest: env.DAILY_TOKENS_GUEST,
    account: env.DAILY_TOKENS_ACCOUNT,
    reply: env.MAX_REPLY_TOKENS,
  }
  const store = createStore(database, { nodeId: randomUUID(), demo: model.demo, spend, ...shared })
  const broadcaster = createBroadcaster(sockets.chat, log)
  const moderation = new Moderation({ moderator, allowOnError: env.MODERATION_ON_ERROR === 'allow', log })
  const timeoutMs = env.RESPONSE_TIMEOUT_MS
  const replies = new Replies({ store, model, moderation, broadcaster, timeoutMs, ...shared })
  const signals = createSignals(sockets.chat, broker !== null)
  hearSignals(sockets.chat, { stopped: (replyId) => void replies.stop(replyId) })
  const catchUp = new CatchUp(sockets.chat, store, log)
  broker?.onMissed((forMs) => catchUp.ask(forMs))
  const domain: ChatDeps = { store, replies, moderation, broadcaster, signals, clock: systemClock }
  return { domain, catchUp }
}

function createLimits(env: Env, broker: Broker | null, log: Log, { rateWindowMs: windowMs }: Timing) {
  const redis = broker?.client ?? null
  const limiter = createLimiter({ redis, addressFactor: env.ADDRESS_LIMIT_FACTOR, windowMs })
  const addressOf = createAddressOf(env.TRUST_PROXY, log)
  const takeRequest: HttpDeps['takeRequest'] = (rate, request) => limiter.take(rate, addressOf(request))
  return { limiter, addressOf, takeRequest }
}

function chooseAi(env: Env, log: Log) {
  return createAi(
    {
      apiKey: env.OPENAI_API_KEY,
      baseUrl: env.OPENAI_BASE_URL,
      model: env.OPENAI_MODEL,
      continuesPrefix: env.OPENAI_CONTINUE_PREFIX,
      maxReplyTokens: env.MAX_REPLY_TOKENS,
      moderation: env.MODERATION,
    },
    { log, clock: systemClock },
  )
}
