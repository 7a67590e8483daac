import { io, type Socket } from 'socket.io-client'

/** What a socket received, in order. */
export interface Frame {
  readonly event: string
  readonly args: readonly unknown[]
}

/** A client that knows nothing of Parley's packages. */
export interface PlainSocket {
  readonly socket: Socket
  readonly frames: readonly Frame[]
  /** The first frame of this event that fits, already here or still to come. */
  next(event: string, fits?: (payload: Record<string, unknown>) => boolean): Promise<Record<string, unknown>>
  /** Emits with an ack and waits for it. */
  ask(event: string, ...args: unknown[]): Promise<Record<string, unknown>>
  close(): void
}

const LIMIT_MS = 10_000

/** Connects to `/chat` with Socket.IO's own client and waits until it is connected. */
export async function connectPlain(
  url: string,
  options: Parameters<typeof io>[1] = {},
): Promise<PlainSocket> {
  const socket = io(`${url}/chat`, { transports: ['websocket'], reconnection: false, ...options })
  const frames: Frame[] = []
  const waiting = new Set<() => void>()
  socket.onAny((event: string, ...args: unknown[]) => {
    frames.push({ event, args })
    for (const wake of waiting) wake()
  })
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve)
    socket.once('connect_error', reject)
  })
  return {
    socket,
    frames,
    next: (event, fits = () => true) =>
      new Promise((resolve, reject) => {
        const timer = setTimeout(() => {
          waiting.delete(look)
          reject(new Error(`no ${event} came; got ${JSON.stringify(frames).slice(0, 2_000)}`))
        }, LIMIT_MS)
        const look = () => {
          const payload = frames.find((frame) => frame.event === event && fits(record(frame.args[0])))
          if (!payload) return
          clearTimeout(timer)
          waiting.delete(look)
          resolve(record(payload.args[0]))
        }
        waiting.add(look)
        look()
      }),
    ask: async (event, ...args) => record(await socket.timeout(LIMIT_MS).emitWithAck(event, ...args)),
    close: () => socket.disconnect(),
  }
}

/** A value as an object, or an empty one. */
export function record(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? { ...value } : {}
}
