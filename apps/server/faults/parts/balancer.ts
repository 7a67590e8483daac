import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

/** One address for several nodes. */
export interface Balancer {
  readonly url: string
  close(): Promise<void>
}

/** How often a node is asked whether it is ready, and how long it may take to say so, in milliseconds. */
const LOOK_MS = 100
const ANSWER_MS = 1_000

interface Backend {
  readonly url: URL
  ready: boolean
  open: number
}

/**
 * Opens a TCP balancer. A new connection goes to the ready node that has the fewest; if that refuses it,
 * to the next one; without a ready node it is closed. Connections that are there stay where they are.
 */
export async function openBalancer(urls: readonly string[]): Promise<Balancer> {
  const backends: Backend[] = urls.map((url) => ({ url: new URL(url), ready: false, open: 0 }))
  const clients = new Set<Socket>()
  let closed = false
  const look = async (backend: Backend) => {
    // A node that is slow to say so is still what it was.
    backend.ready = (await isReady(backend.url)) ?? backend.ready
  }
  const watch = async (backend: Backend) => {
    for (; !closed; await sleep(LOOK_MS)) await look(backend)
  }
  await Promise.all(backends.map(look))
  const watching = backends.map(watch)
  const server = createServer({ pauseOnConnect: true }, (client) => {
    clients.add(client)
    client.on('error', () => undefined).once('close', () => clients.delete(client))
    void carry(client, backends)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (typeof address !== 'object' || address === null) throw new Error('the balancer has no port')
  return {
    url: `http://127.0.0.1:${address.port}`,
    close: async () => {
      closed = true
      for (const client of clients) client.destroy()
      server.close()
      await Promise.all(watching)
    },
  }
}

async function carry(client: Socket, backends: readonly Backend[]): Promise<void> {
  const ready = backends.filter((backend) => backend.ready).sort((one, other) => one.open - other.open)
  for (const backend of ready) {
    // Counted before it is there: many come at once.
    backend.open++
    const service = await reach(backend.url)
    if (!service || client.destroyed) {
      backend.open--
      service?.destroy()
      continue
    }
    service
      .on('error', () => undefined)
      .once('close', () => {
        backend.open--
        client.destroy()
      })
    client.once('close', () => service.destroy())
    client.pipe(service).pipe(client)
    return
  }
  client.destroy()
}

async function reach({ hostname, port }: URL): Promise<Socket | null> {
  const service = connect(Number(port), hostname)
  try {
    await once(service, 'connect')
    return service
  } catch {
    return null
  }
}

/** Null: it did not say in time. */
async function isReady(url: URL): Promise<boolean | null> {
  const signal = AbortSignal.timeout(ANSWER_MS)
  try {
    const answer = await fetch(new URL('/readyz', url), { signal })
    await answer.arrayBuffer()
    return answer.ok
  } catch {
    return signal.aborted ? null : false
  }
}
