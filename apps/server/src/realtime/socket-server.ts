import { randomUUID } from 'node:crypto'
import type { Server as HttpServer, IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import {
  CHAT_NAMESPACE,
  type ClientToServer,
  errors,
  Handshake,
  limits,
  PROTOCOL_VERSION,
  type ServerToClient,
  type WireError,
} from '@parley/protocol'
import { Server as Engine } from 'engine.io'
import { type DefaultEventsMap, type Namespace, Server, type ServerOptions, type Socket } from 'socket.io'

/** The namespace `/chat`, with the events of the contract. */
export type ChatNamespace = Namespace<ClientToServer, ServerToClient, DefaultEventsMap, unknown>
/** One socket of it. */
export type ChatSocket = Socket<ClientToServer, ServerToClient, DefaultEventsMap, unknown>

/** What the socket server needs. */
export interface SocketServerConfig {
  /** Whether a browser on this origin may connect; no origin is no browser. */
  readonly allowOrigin: (origin: string | undefined) => boolean
  /** Origins that a browser may read answers from. */
  readonly origins: readonly string[]
  /** Carries broadcasts to other processes; absent: there are none. */
  readonly adapter?: ServerOptions['adapter']
}

/** A socket server, not yet reachable. */
export interface SocketServer {
  readonly chat: ChatNamespace
  /** Makes it reachable through an HTTP server, under `/socket.io/`. */
  attach(server: HttpServer): void
  /** Closes every connection, so that clients go elsewhere. */
  close(): Promise<void>
}

const PATH = '/socket.io/'

/** Creates the socket server: foreign origins, large frames and other protocol versions stay out. */
export function createSocketServer(config: SocketServerConfig): SocketServer {
  const engine = new Engine({
    maxHttpBufferSize: limits.frameBytes,
    cors: { origin: [...config.origins], credentials: true },
  })
  const io = new Server({ serveClient: false, ...(config.adapter ? { adapter: config.adapter } : {}) })
  io.bind(engine)
  const chat: ChatNamespace = io.of(CHAT_NAMESPACE)
  chat.use((socket, next) => next(refuseOtherVersions(socket.handshake.auth)))
  return {
    chat,
    attach: (server) => attach(engine, server, config.allowOrigin),
    close: async () => {
      await io.close()
      engine.close()
    },
  }
}

/**
 * The engine's own hook for refusing a request is skipped once a request names a session, and it
 * answers upgrades with 400; so both ways in are guarded here [case f5].
 */
function attach(engine: Engine, server: HttpServer, allowOrigin: SocketServerConfig['allowOrigin']): void {
  const others = server.listeners('request')
  server.removeAllListeners('request')
  server.on('request', (request: IncomingMessage, response) => {
    if (!isOurs(request)) {
      for (const listener of others) listener.call(server, request, response)
    } else if (allowOrigin(request.headers.origin)) {
      engine.handleRequest(Object.assign(request, ENGINE_FIELDS), response)
    } else {
      response.writeHead(403, { 'content-type': 'text/plain' }).end('This origin is not allowed.\n')
    }
  })
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on('error', () => socket.destroy())
    if (!isOurs(request)) return refuse(socket, '404 Not Found')
    if (!allowOrigin(request.headers.origin)) return refuse(socket, '403 Forbidden')
    engine.handleUpgrade(Object.assign(request, ENGINE_FIELDS), socket, head)
  })
}

/** The engine adds these to a request by itself; its types want them beforehand. */
const ENGINE_FIELDS = {}

const isOurs = (request: IncomingMessage) => (request.url ?? '').split('?', 1)[0] === PATH

function refuse(socket: Duplex, status: string): void {
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`)
}

/** The error of a handshake; Socket.IO sends `data` along. */
class HandshakeRefused extends Error {
  readonly data: WireError

  constructor() {
    super('PROTOCOL_MISMATCH')
    this.data = {
      error: 'PROTOCOL_MISMATCH',
      message: errors.PROTOCOL_MISMATCH.sentence,
      requestId: randomUUID(),
    }
  }
}

/** Refuses a client that speaks another version [C3]. */
function refuseOtherVersions(auth: unknown): HandshakeRefused | undefined {
  const handshake = Handshake.safeParse(auth)
  return handshake.success && handshake.data.protocol === PROTOCOL_VERSION
    ? undefined
    : new HandshakeRefused()
}
