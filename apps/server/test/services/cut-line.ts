import { createConnection, createServer, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'

/** A line to a service that a test can cut and mend; for whoever uses it, the service is away meanwhile. */
export interface CutLine {
  /** The service's address, through this line. */
  readonly url: string
  /** Connections that are open now. */
  readonly open: number
  cut(): void
  /** Keeps every connection and passes nothing on, until it is cut: the service is there and does not answer. */
  hold(): void
  mend(): void
  /** Ends every connection with a TCP reset; new ones are let in. */
  reset(): void
  close(): Promise<void>
}

/** What may be done to a line. */
export interface LineOptions {
  /** What the service sends on a new connection goes through this; without it, it goes as it is. */
  readonly downstream?: () => Duplex
}

/** Opens a line to the service at `url`. */
export async function openLine(url: string, { downstream }: LineOptions = {}): Promise<CutLine> {
  const target = new URL(url)
  const sockets = new Set<Socket>()
  const near = new Set<Socket>()
  let state: 'whole' | 'held' | 'cut' = 'whole'
  const server = createServer((client) => {
    if (state === 'cut') {
      client.destroy()
      return
    }
    const service = createConnection(Number(target.port), target.hostname)
    near.add(client)
    client.setNoDelay(true).once('close', () => near.delete(client))
    service.setNoDelay(true)
    for (const [one, other] of [
      [client, service],
      [service, client],
    ] as const) {
      sockets.add(one)
      one.on('error', () => undefined)
      one.on('close', () => {
        sockets.delete(one)
        other.destroy()
      })
    }
    if (state === 'held') return
    client.pipe(service)
    if (downstream) service.pipe(downstream()).pipe(client)
    else service.pipe(client)
  })
  const cut = () => {
    state = 'cut'
    for (const socket of sockets) socket.destroy()
  }
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (typeof address !== 'object' || address === null) throw new Error('the line has no port')
  const through = new URL(url)
  through.hostname = '127.0.0.1'
  through.port = `${address.port}`
  return {
    url: through.href,
    get open() {
      return near.size
    },
    cut,
    hold: () => {
      state = 'held'
      for (const socket of sockets) socket.unpipe().pause()
    },
    mend: () => {
      state = 'whole'
    },
    reset: () => {
      for (const socket of near) socket.resetAndDestroy()
    },
    close: () => {
      cut()
      return new Promise((resolve) => server.close(() => resolve()))
    },
  }
}
