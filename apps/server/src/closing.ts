import type { Server as HttpServer } from 'node:http'
import type { Log } from './chat/ports.ts'
import type { Replies } from './chat/replies.ts'
import { systemClock } from './chat/system-clock.ts'
import { within } from './chat/within.ts'
import type { Database } from './db/connect.ts'
import type { CatchUp } from './realtime/catch-up.ts'
import type { Broker } from './realtime/redis.ts'
import type { SocketServer } from './realtime/socket-server.ts'
import type { Upkeep } from './upkeep.ts'

/** The parts of a server that have to be closed. */
export interface OpenParts {
  readonly upkeep: Upkeep
  readonly catchUp: CatchUp
  readonly sockets: SocketServer
  readonly replies: Replies
  readonly http: HttpServer
  readonly broker: Broker | null
  readonly database: Database
}

/** What each step may take, in milliseconds. */
const STEP_MS = 1_000

/**
 * Closes a server in order [S2]: nobody new, live replies for at most `graceMs`, sockets, services. Sockets
 * that have another process to go to are moved meanwhile. A part
 * that does not close, or not in time, keeps no other one open.
 */
export async function closeAll(parts: OpenParts, graceMs: number, log: Log): Promise<void> {
  const { upkeep, catchUp, sockets, replies, http, broker, database } = parts
  const step = (part: string, closing: Promise<void>) =>
    within(systemClock, STEP_MS, closing).catch((cause: unknown) => {
      log.warn({ part, err: cause }, 'a part was not closed in order')
    })
  upkeep.end()
  catchUp.end()
  sockets.leave()
  const moving = within(systemClock, graceMs / 2, sockets.moveAway(graceMs / 2))
  await Promise.all([replies.drain(graceMs), moving.catch(() => undefined)])
  http.close()
  await step('sockets', sockets.close())
  http.closeAllConnections()
  if (broker) await step('broker', broker.close())
  await step('database', database.close())
}
