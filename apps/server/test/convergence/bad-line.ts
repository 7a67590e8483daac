import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { WebSocketServer } from 'ws'
import { Connection } from './bad-connection.ts'
import type { Fate, Weather } from './weather.ts'

/** A proxy between one client and the server, with weather of its own. */
export interface BadLine {
  /** Where the client finds the server. */
  readonly url: string
  /** Tears every connection. */
  cut(): void
  /** Whether there is a network at all. Going out of it tears every connection. */
  setReachable(reachable: boolean): void
  /** Lets everything through from now on; tears the connections on which something is held back for good. */
  clear(): void
  /** Whether frames are held back that will still arrive. */
  readonly isHolding: boolean
  close(): Promise<void>
}

/** Opens a proxy to the WebSocket server at `target`; it tells `trace` of all that it does to frames. */
export async function openBadLine(
  target: string,
  weather: Weather,
  trace: (line: string, fate: Fate['kind']) => void,
): Promise<BadLine> {
  const connections = new Set<Connection>()
  const far = target.replace(/^http/, 'ws')
  const sockets = new WebSocketServer({ noServer: true, perMessageDeflate: false })
  let opened = 0
  let reachable = true

  const server = createServer((_, response) => response.writeHead(404).end())
  server.on('upgrade', (request: IncomingMessage, raw: Duplex, head: Buffer) => {
    raw.on('error', () => undefined)
    if (!reachable) return raw.destroy()
    sockets.handleUpgrade(request, raw, head, (near) => {
      const connection = new Connection({
        number: ++opened,
        near,
        nearRaw: raw,
        url: `${far}${request.url}`,
        weather,
        trace,
        onEnd: () => connections.delete(connection),
      })
      connections.add(connection)
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (typeof address !== 'object' || address === null) throw new Error('the proxy has no port')

  const cut = () => {
    for (const connection of [...connections]) connection.cut()
  }
  return {
    url: `http://127.0.0.1:${address.port}`,
    cut,
    setReachable: (now) => {
      reachable = now
      if (!now) cut()
    },
    clear: () => {
      weather.clear()
      reachable = true
      for (const connection of [...connections]) if (connection.isSilent) connection.cut()
    },
    get isHolding() {
      return [...connections].some(({ isHolding }) => isHolding)
    },
    close: async () => {
      reachable = false
      cut()
      server.closeAllConnections()
      await new Promise<void>((resolve) => server.close(() => resolve()))
    },
  }
}
