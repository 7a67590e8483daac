import { once } from 'node:events'
import { WebSocket } from 'ws'

/** A WebSocket of the bare library: it shows and sends frames that Socket.IO's client hides. */
export interface RawSocket {
  readonly ws: WebSocket
  /** Text frames in the order in which they came. */
  readonly frames: readonly string[]
  /** The first text frame that fits, already here or still to come. */
  frame(fits: (frame: string) => boolean): Promise<string>
  /** Code of the close frame, when the connection is over. */
  readonly closed: Promise<number>
}

/** Address of the engine's WebSocket; `sid` names a polling session that is to be upgraded. */
export function engineUrl(
  url: string,
  transport: 'websocket' | 'polling' = 'websocket',
  sid?: string,
): string {
  const base = transport === 'websocket' ? url.replace(/^http/, 'ws') : url
  return `${base}/socket.io/?EIO=4&transport=${transport}${sid === undefined ? '' : `&sid=${sid}`}`
}

/** Opens a WebSocket and enters the namespace `/chat`, with `auth` as what the handshake carries. */
export async function enterRaw(url: string, auth?: object): Promise<RawSocket> {
  const ws = new WebSocket(engineUrl(url))
  const frames: string[] = []
  const waiting = new Set<() => void>()
  ws.on('message', (data) => {
    const frame = data.toString()
    // Socket.IO's client answers the heartbeat by itself; here that is ours to do.
    if (frame === '2') ws.send('3')
    frames.push(frame)
    for (const wake of waiting) wake()
  })
  ws.on('error', () => {})
  const closed = new Promise<number>((resolve) => ws.once('close', resolve))
  const frame = (fits: (frame: string) => boolean) =>
    new Promise<string>((resolve) => {
      const look = () => {
        const found = frames.find(fits)
        if (found === undefined) return
        waiting.delete(look)
        resolve(found)
      }
      waiting.add(look)
      look()
    })
  await once(ws, 'open')
  ws.send(`40/chat,${auth === undefined ? '' : JSON.stringify(auth)}`)
  await frame((text) => text.startsWith('40/chat,'))
  return { ws, frames, frame, closed }
}

/** Sends an event without an ack, written by hand. */
export function emitRaw({ ws }: RawSocket, event: string, payload: unknown): void {
  ws.send(`42/chat,${JSON.stringify([event, payload])}`)
}

/** What a WebSocket handshake is answered with: 101 when it is let in. */
export function upgradeStatus(address: string, headers: Readonly<Record<string, string>>): Promise<number> {
  return new Promise((resolve, reject) => {
    const ws = new WebSocket(address, { headers })
    ws.once('open', () => {
      ws.terminate()
      resolve(101)
    })
    ws.once('unexpected-response', (request, response) => {
      request.destroy()
      resolve(response.statusCode ?? 0)
    })
    ws.once('error', reject)
  })
}
