import { randomUUID } from 'node:crypto'
import { createServer, type Server as HttpServer } from 'node:http'
import { limits, type Readiness } from '@parley/protocol'
import { toNodeHandler } from 'better-auth/node'
import { createAi } from './ai/create.ts'
import { createAuth, keptSecret } from './auth/auth.ts'
import { createIdentities } from './auth/identity.ts'
import { allowedOrigins, createOriginCheck } from './auth/origins.ts'
import { Branches } from './chat/branches.ts'
import { Chat } from './chat/chat.ts'
import type { Log } from './chat/ports.ts'
import { Replies } from './chat/replies.ts'
import { systemClock } from './chat/system-clock.ts'
import { within } from './chat/within.ts'
import { type Database, openDatabase } from './db/connect.ts'
import { seedPersonas } from './db/personas.ts'
import { createStore } from './db/store.ts'
import type { Env } from './env.ts'
import { createApp, type HttpDeps } from './http/app.ts'
import { asVersion, builtInPersonas } from './personas/index.ts'
import { createAddressOf } from './realtime/address.ts'
import { createBroadcaster } from './realtime/broadcaster.ts'
import { handleSockets } from './realtime/handlers.ts'
import { createLimiter } from './realtime/limiter.ts'
import { type Broker, connectRedis } from './realtime/redis.ts'
import { createSocketServer } from './realtime/socket-server.ts'

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
}

/** How long live replies may go on after the server was told to end, in milliseconds. */
const GRACE_MS = { production: 20_000, development: 2_500 }
/** What each step of closing may take, in milliseconds. */
const CLOSE_STEP_MS = 1_000
const TIMING: Timing = { leaseMs: limits.leaseMs, recoverEveryMs: 2_000 }
/** How long a part may take to show that it is up, in milliseconds. */
const PROBE_MS = 2_000

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
    const broker = env.REDIS_URL === null ? null : await connectRedis(env.REDIS_URL, log)
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

async function assemble({ env, secret, database, broker, page, log, timing }: Ground): Promise<Application> {
  const { model, moderator } = chooseAi(env, log)
  const contextMessages = env.CONTEXT_MESSAGES
  const { leaseMs } = timing
  const store = createStore(database, { nodeId: randomUUID(), contextMessages, demo: model.demo, leaseMs })
  const origins = allowedOrigins([env.publicUrl, ...env.frontendOrigins])
  const allowOrigin = createOriginCheck(origins)
  const { limiter, addressOf, takeRequest } = createLimits(env, broker, log, timing)
  const adapter = broker ? { adapter: broker.adapter } : {}
  const sockets = createSocketServer({ allowOrigin, origins, addressOf, limiter, ...adapter })
  const broadcaster = createBroadcaster(sockets.chat, log)
  const replies = new Replies({
    store,
    model,
    broadcaster,
    log,
    contextMessages,
    leaseMs,
    clock: systemClock,
    timeoutMs: env.RESPONSE_TIMEOUT_MS,
  })
  const domain = { store, replies, moderator, broadcaster, clock: systemClock }
  const auth = createAuth(database, { secret, publicUrl: env.publicUrl, trustedOrigins: origins })
  const identities = createIdentities(auth, database, env.TRUST_CLIENT_USER_ID)
  const branches = new Branches(domain)
  handleSockets(sockets.chat, { chat: new Chat(domain), branches, identities, limiter, log })

  let closing: Promise<void> | undefined
  const readiness = () => readinessOf(database, broker, closing !== undefined)
  const http = createServer(
    createApp({
      auth: toNodeHandler(auth),
      secure: env.publicUrl.startsWith('https:'),
      identities,
      store,
      allowOrigin,
      origins,
      takeRequest,
      readiness,
      page,
      log,
    }),
  )
  sockets.attach(http)

  await replies.recover(database.embedded)
  const recovery = recoverRegularly(replies, timing.recoverEveryMs, log)

  const close = async () => {
    clearInterval(recovery)
    sockets.leave()
    await replies.drain(env.production ? GRACE_MS.production : GRACE_MS.development)
    http.close()
    await step('sockets', sockets.close(), log)
    http.closeAllConnections()
    if (broker) await step('broker', broker.close(), log)
    await step('database', database.close(), log)
  }
  return {
    http,
    parts: {
      model: model.name,
      database: database.description,
      broker: broker?.description ?? 'none (one process)',
    },
    close: () => (closing ??= close()),
  }
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
      moderation: env.MODERATION,
    },
    { log, clock: systemClock },
  )
}

function recoverRegularly(replies: Replies, everyMs: number, log: Log): NodeJS.Timeout {
  return setInterval(() => {
    replies.recover(false).catch((cause: unknown) => log.warn({ err: cause }, 'recovery has to wait'))
  }, everyMs)
}

async function readinessOf(
  database: Database,
  broker: Broker | null,
  shuttingDown: boolean,
): Promise<Readiness> {
  const [databaseUp, brokerUp] = await Promise.all([
    answers(() => database.prisma.$queryRaw`SELECT 1`.then(() => true)),
    broker ? answers(() => broker.ready()) : null,
  ])
  return {
    ready: databaseUp && !shuttingDown,
    database: databaseUp ? 'up' : 'down',
    broker: brokerUp === null ? 'none' : brokerUp ? 'up' : 'down',
    shuttingDown,
  }
}

async function answers(probe: () => Promise<boolean>): Promise<boolean> {
  return (await within(systemClock, PROBE_MS, probe()).catch(() => false)) ?? false
}

/** A part that does not close, or not in time, keeps no other one open. */
async function step(part: string, closing: Promise<void>, log: Log): Promise<void> {
  await within(systemClock, CLOSE_STEP_MS, closing).catch((cause: unknown) => {
    log.warn({ part, err: cause }, 'a part was not closed in order')
  })
}
