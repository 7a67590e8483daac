import { randomUUID } from 'node:crypto'
import type { Server as HttpServer, IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { setTimeout } from 'node:timers/promises'
import {
  CHAT_NAMESPACE,
  type ClientToServer,
  type ErrorCode,
  errors,
  Handshake,
  limits,
  PROTOCOL_VERSION,
  type ServerToClient,
  type WireError,
} from '@parley/protocol'
import { Server as Engine } from 'engine.io'
import { type Namespace, Server, type ServerOptions, type Socket } from 'socket.io'
import type { AddressOf } from './address.ts'
import { createDoor } from './door.ts'
import type { Limiter } from './limiter.ts'
import type { NodeEvents } from './signals.ts'

/** What is known of a socket from its opening on. */
export interface SocketData {
  /** Whom it is counted for, as an `AddressOf` tells. */
  readonly address: string
  /** When a credential ends that no login session stands for, in milliseconds since 1970; null: never. */
  endsAt: number | null
}

/** The namespace `/chat`, with the events of the contract. */
export type ChatNamespace = Namespace<ClientToServer, ServerToClient, NodeEvents, SocketData>
/** One socket of it. */
export type ChatSocket = Socket<ClientToServer, ServerToClient, NodeEvents, SocketData>

/** What the socket server needs. */
export interface SocketServerConfig {
  /** Whether a browser on this origin may connect; no origin is no browser. */
  readonly allowOrigin: (origin: string | undefined) => boolean
  /** Origins that a browser may read answers from. */
  readonly origins: readonly string[]
  readonly addressOf: AddressOf
  readonly limiter: Limiter
  /** Carries broadcasts to other processes; absent: there are none. */
  readonly adapter?: ServerOptions['adapter']
}

/** A socket server, not yet reachable. */
export interface SocketServer {
  readonly chat: ChatNamespace
  /** Makes it reachable through an HTTP server, under `/socket.io/`. */
  attach(server: HttpServer): void
  /** Takes no new connections from now on; those that are there stay. */
  leave(): void
  /**
   * Closes the connections one after another, within `withinMs` milliseconds, if there are other processes
   * to go to: all at once would make these start that many in one moment. Else does nothing.
   */
  moveAway(withinMs: number): Promise<void>
  /** Closes every connection, so that clients go elsewhere. */
  close(): Promise<void>
}

const PATH = '/socket.io/'
/** Pause between two connections that are moved, in milliseconds: to come back takes a process about 5. */
const MOVE_EVERY_MS = 10
/** When a refused request is worth another try, in seconds. */
const RETRY_S = '5'

/** Creates the socket server: foreign origins, large frames and other protocol versions stay out. */
export function createSocketServer(config: SocketServerConfig): SocketServer {
  const engine = new Engine({
    maxHttpBufferSize: limits.frameBytes,
    cors: { origin: [...config.origins], credentials: true },
  })
  const door = createDoor(engine, config.addressOf, config.limiter)
  const io = new Server<ClientToServer, ServerToClient, NodeEvents, SocketData>({
    serveClient: false,
    ...(config.adapter ? { adapter: config.adapter } : {}),
  })
  io.bind(engine)
  const chat: ChatNamespace = io.of(CHAT_NAMESPACE)
  let leaving = false
  chat.use((socket, next) => next(refuseOtherVersions(socket.handshake.auth)))
  chat.use((socket, next) => {
    socket.data = { address: door.addressOf(socket.conn), endsAt: null }
    door.admit(socket.data.address).then((retryAfterMs) => next(refuseMany(retryAfterMs)), next)
  })
  return {
    chat,
    attach: (server) =>
      attach(engine, server, (request) => {
        if (!config.allowOrigin(request.headers.origin) || saysBlindly(request)) return '403 Forbidden'
        if (!isHandshake(request)) return null
        if (leaving) return '503 Service Unavailable'
        return door.isFull(request) ? '429 Too Many Requests' : null
      }),
    leave: () => {
      leaving = true
    },
    moveAway: async (withinMs) => {
      if ((await chat.adapter.serverCount()) > 1) await closeInTurn([...chat.sockets.values()], withinMs)
    },
    close: async () => {
      await io.close()
      engine.close()
    },
  }
}

/** Closes connections at an even pace, which is faster only if there are too many for it. */
async function closeInTurn(sockets: readonly ChatSocket[], withinMs: number): Promise<void> {
  const atOnce = Math.ceil((sockets.length * MOVE_EVERY_MS) / withinMs)
  for (let from = 0; from < sockets.length; from += atOnce) {
    for (const socket of sockets.slice(from, from + atOnce)) socket.conn.close()
    await setTimeout(MOVE_EVERY_MS)
  }
}

/** Why a request may not come in, as an HTTP status; null: it may. */
type Refusal = (
  request: IncomingMessage,
) => '403 Forbidden' | '429 Too Many Requests' | '503 Service Unavailable' | null

/**
 * The engine's own hook for refusing a request is skipped once a request names a session, and it
 * answers upgrades with 400; so both ways in are guarded here [case f5].
 */
function attach(engine: Engine, server: HttpServer, refusalOf: Refusal): void {
  const others = server.listeners('request')
  server.removeAllListeners('request')
  server.on('request', (request: IncomingMessage, response) => {
    if (!isForEngine(request)) {
      for (const listener of others) listener.call(server, request, response)
      return
    }
    const refusal = refusalOf(request)
    if (refusal === null) engine.handleRequest(request, response)
    else
      response
        .writeHead(Number.parseInt(refusal, 10), { 'content-type': 'text/plain', 'retry-after': RETRY_S })
        .end(`${refusal}\n`)
  })
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on('error', () => socket.destroy())
    if (!isForEngine(request)) return refuse(socket, '404 Not Found')
    const refusal = refusalOf(request)
    if (refusal === null) engine.handleUpgrade(request, socket, head)
    else refuse(socket, refusal)
  })
}

type EngineRequest = Parameters<Engine['handleRequest']>[0]

function isForEngine(request: IncomingMessage): request is EngineRequest {
  return (request.url ?? '').split('?', 1)[0] === PATH
}

/**
 * A browser says its origin whenever it opens a WebSocket or posts, so a cookie without one proves nothing.
 * A read by polling is another matter: a browser leaves the origin out where it is the server's own, and
 * nobody says anything by reading.
 */
function saysBlindly({ method, headers }: IncomingMessage): boolean {
  const says = method === 'POST' || headers.upgrade !== undefined
  return says && headers.origin === undefined && headers.cookie !== undefined
}

const isHandshake = (request: IncomingMessage) => !/[?&]sid=/.test(request.url ?? '')

function refuse(socket: Duplex, status: string): void {
  socket.end(
    `HTTP/1.1 ${status}\r\nConnection: close\r\nRetry-After: ${RETRY_S}\r\nContent-Length: 0\r\n\r\n`,
  )
}

/** The error of a handshake; Socket.IO sends `data` along. */
class HandshakeRefused extends Error {
  readonly data: WireError

  constructor(error: ErrorCode, more: Pick<WireError, 'retryAfterMs'> = {}) {
    super(error)
    this.data = { ...more, error, message: errors[error].sentence, requestId: randomUUID() }
  }
}

/** Refuses a client that speaks another version [C3]. */
function refuseOtherVersions(auth: unknown): HandshakeRefused | undefined {
  const handshake = Handshake.safeParse(auth)
  return handshake.success && handshake.data.protocol === PROTOCOL_VERSION
    ? undefined
    : new HandshakeRefused('PROTOCOL_MISMATCH')
}

/** Refuses an address that connects too often, or too often at once. */
function refuseMany(retryAfterMs: number | null): HandshakeRefused | undefined {
  return retryAfterMs === null ? undefined : new HandshakeRefused('RATE_LIMITED', { retryAfterMs })
}
