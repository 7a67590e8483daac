import { createConnection, createServer, type Socket } from 'node:net'

/** A line to a service that a test can cut and mend; for whoever uses it, the service is away meanwhile. */
export interface CutLine {
  /** The service's address, through this line. */
  readonly url: string
  cut(): void
  /** Keeps every connection and passes nothing on, until it is cut: the service is there and does not answer. */
  hold(): void
  mend(): void
  close(): Promise<void>
}

/** Opens a line to the service at `url`. */
export async function openLine(url: string): Promise<CutLine> {
  const target = new URL(url)
  const sockets = new Set<Socket>()
  let state: 'whole' | 'held' | 'cut' = 'whole'
  const server = createServer((near) => {
    if (state === 'cut') {
      near.destroy()
      return
    }
    const far = createConnection(Number(target.port), target.hostname)
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(one)
      one.on('error', () => undefined)
      one.on('close', () => {
        sockets.delete(one)
        other.destroy()
      })
      if (state === 'whole') one.pipe(other)
    }
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
    cut,
    hold: () => {
      state = 'held'
      for (const socket of sockets) socket.unpipe().pause()
    },
    mend: () => {
      state = 'whole'
    },
    close: () => {
      cut()
      return new Promise((resolve) => server.close(() => resolve()))
    },
  }
}
