import type { IncomingMessage } from 'node:http'
import { Id, limits, type Readiness, routes, type SignInWays } from '@parley/protocol'
import cors from 'cors'
import express, { type ErrorRequestHandler, type Express, type RequestHandler } from 'express'
import { publicPersona } from '../chat/persona.ts'
import type { Identities, Log, Store } from '../chat/ports.ts'
import { addExport } from './export.ts'
import { addPage, securityHeaders } from './page.ts'
import { limitRequests, type RequestRate } from './rate-limits.ts'
import { refuse } from './refuse.ts'

/** What the HTTP side needs. */
export interface HttpDeps {
  /** Answers everything under `/api/auth`. */
  readonly auth: RequestHandler
  /** How people may sign in. */
  readonly signInWays: SignInWays
  readonly identities: Identities
  readonly store: Store
  /** Whether a browser on this origin may write; no origin is no browser. */
  readonly allowOrigin: (origin: string | undefined) => boolean
  /** Counts a request for its address. Null: it may go on; else milliseconds after which it may. */
  readonly takeRequest: (rate: RequestRate, request: IncomingMessage) => Promise<number | null>
  /** Origins that a browser may read answers from. */
  readonly origins: readonly string[]
  /** People reach this server by HTTPS. */
  readonly secure: boolean
  /** Folder of the built page; null: another server serves it. */
  readonly page: string | null
  readonly readiness: () => Promise<Readiness>
  readonly log: Log
}

/** Sessions that one answer lists at most. */
const SESSIONS_LISTED = 100

/** The Express application: health, the auth handler and what the page reads. Does not listen. */
export function createApp(deps: HttpDeps): Express {
  const app = express()
  app.use(securityHeaders(deps.secure))
  app.use(
    cors({ origin: [...deps.origins], credentials: true, exposedHeaders: ['set-auth-token', 'retry-after'] }),
  )
  app.use(refuseForeignWrites(deps.allowOrigin))
  // What a foreign page makes a browser send is refused by now and not counted for that person's address.
  app.use('/api', limitRequests(deps.takeRequest))

  app.get(routes.health.path, (_request, response) => {
    response.json({ ok: true })
  })
  app.get(routes.ready.path, async (_request, response) => {
    const readiness = await deps.readiness()
    response.status(readiness.ready ? 200 : 503).json(readiness)
  })
  app.all('/api/auth/{*rest}', refuseLargeBodies, deps.auth)
  addPersonas(app, deps.store)
  app.get(routes.sessions.path, async (request, response) => {
    const identity = await deps.identities.verify({ headers: request.headers })
    if (!identity) refuse(response, 401, 'NOT_AUTHENTICATED')
    else response.json(await deps.store.sessions(identity.userId, SESSIONS_LISTED))
  })
  app.get(routes.signInWays.path, (_request, response) => {
    response.json(deps.signInWays)
  })
  addExport(app, deps)
  app.use('/api', (_request, response) => {
    refuse(response, 404, 'NOT_FOUND')
  })
  if (deps.page !== null) addPage(app, deps.page)
  app.use(answerFault(deps.log))
  return app
}

function addPersonas(app: Express, store: Store): void {
  app.get(routes.personas.path, async (_request, response) => {
    response.json((await store.personas()).map(publicPersona))
  })
  app.get(routes.picture.path, async (request, response) => {
    const version = Id.safeParse(request.params.versionId)
    const picture = version.success ? await store.picture(version.data) : null
    if (picture === null) {
      return refuse(response, 404, 'NOT_FOUND')
    }
    // A picture opened by itself must run nothing; a version never changes, so it may be kept for good.
    response
      .set('content-security-policy', "default-src 'none'; style-src 'unsafe-inline'; sandbox")
      .set('cache-control', 'public, max-age=31536000, immutable')
      .set('x-content-type-options', 'nosniff')
      .type('image/svg+xml')
      .send(picture)
  })
}

const READING = new Set(['GET', 'HEAD', 'OPTIONS'])

/** A write needs an origin of ours; none at all is no browser, but then a cookie proves nothing. */
function refuseForeignWrites(allowOrigin: HttpDeps['allowOrigin']): RequestHandler {
  return (request, response, next) => {
    const { origin, cookie } = request.headers
    const blindCookie = origin === undefined && cookie !== undefined
    if (READING.has(request.method) || (allowOrigin(origin) && !blindCookie)) next()
    else refuse(response, 403, 'ORIGIN_NOT_ALLOWED')
  }
}

/** The auth handler reads a body whole before it looks at it. One whose length is not said may be endless. */
const refuseLargeBodies: RequestHandler = (request, response, next) => {
  const length = Number(request.headers['content-length'] ?? 0)
  const endless = request.headers['transfer-encoding'] !== undefined
  if (!endless && length <= limits.frameBytes) next()
  else refuse(response, 413, 'TOO_LARGE')
}

function answerFault(log: Log): ErrorRequestHandler {
  return (cause, request, response, next) => {
    if (response.headersSent) return next(cause)
    const status = faultStatus(cause)
    if (status >= 500)
      log.error({ method: request.method, path: request.path, err: cause }, 'a request failed')
    refuse(response, status, status === 503 ? 'STORAGE_UNAVAILABLE' : 'INTERNAL')
  }
}

function faultStatus(cause: unknown): number {
  if (!(cause instanceof Error)) return 500
  if (cause.name === 'StorageUnavailable') return 503
  return 'status' in cause && typeof cause.status === 'number' ? cause.status : 500
}
