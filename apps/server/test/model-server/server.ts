import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { type Behaviour, echo } from './behaviour.ts'
import { openExchange, type RecordedRequest } from './exchange.ts'
import { moderate } from './strictness.ts'

/** A running test model server. */
export interface ModelServer {
  /** Base address, as `OPENAI_BASE_URL` wants it. */
  readonly url: string
  /** Every request of the chat and moderation routes, oldest first. */
  readonly requests: readonly RecordedRequest[]
  /** From now on, or only for the next `times` requests of its route; those queue up. */
  behave(behaviour: Behaviour, times?: number): void
  /** TCP connections that are open now. */
  openConnections(): number
  /** Ends all connections and stops listening. */
  close(): Promise<void>
}

/** Starts an OpenAI-compatible server that answers, or fails, as told. Listens on loopback only. */
export async function startModelServer(port = 0): Promise<ModelServer> {
  const requests: RecordedRequest[] = []
  const sockets = new Set<Socket>()
  const defaults = { chat: echo(), moderation: moderate('pass') }
  const queues: Record<Behaviour['route'], Behaviour[]> = { chat: [], moderation: [] }

  const handle = async (route: Behaviour['route'], req: IncomingMessage, res: ServerResponse) => {
    const exchange = await openExchange(req, res)
    if (exchange === null) {
      res.writeHead(400).end()
      return
    }
    requests.push(exchange.request)
    await (queues[route].shift() ?? defaults[route]).answer(exchange)
  }
  const answer = (route: Behaviour['route'], req: IncomingMessage, res: ServerResponse) => {
    // A client that leaves while its request is read is no fault of this server.
    handle(route, req, res).catch(() => res.destroy())
  }
  const server = createServer((req, res) => {
    const route = `${req.method} ${req.url}`
    if (route === 'POST /v1/chat/completions') answer('chat', req, res)
    else if (route === 'POST /v1/moderations') answer('moderation', req, res)
    else if (route === 'GET /v1/models') sendModels(res)
    else res.writeHead(404, { 'content-type': 'application/json' }).end('{"error":{"message":"not found"}}')
  })
  server.on('connection', (socket) => {
    sockets.add(socket.setNoDelay(true))
    socket.once('close', () => sockets.delete(socket))
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', resolve)
  })

  return {
    url: `http://127.0.0.1:${portOf(server.address())}/v1`,
    requests,
    behave(behaviour, times) {
      if (times === undefined) Object.assign(defaults, { [behaviour.route]: behaviour })
      else queues[behaviour.route].push(...Array<Behaviour>(times).fill(behaviour))
    },
    openConnections: () => sockets.size,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

function sendModels(res: ServerResponse): void {
  const data = [{ id: 'test', object: 'model', created: 1, owned_by: 'parley' }]
  res.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ object: 'list', data }))
}

function portOf(address: string | AddressInfo | null): number {
  if (typeof address !== 'object' || address === null) throw new Error('not listening on a port')
  return address.port
}
