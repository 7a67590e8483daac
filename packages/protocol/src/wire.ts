import { z } from 'zod'
import { type Reply, replySchema } from './reply.ts'
import type { AckData, EventName, EventTable, Handlers, Payload, PayloadIn } from './table.ts'

/** What these helpers need of a socket; Socket.IO's socket has it at both ends. */
export interface WireSocket {
  on(event: string, listener: (...args: unknown[]) => void): unknown
  /** Wider than any caller needs: Socket.IO's typed sockets of both ends fit only so. */
  off(event: string | symbol | undefined, listener: (...args: unknown[]) => void): unknown
  emit(event: string, ...args: unknown[]): unknown
}

/** Why a frame or a request could not be used. */
export class WireFault extends Error {
  override readonly name = 'WireFault'
  /** `invalid`: did not fit its schema; `timeout`: no answer came; `closed`: the line went. */
  readonly kind: 'invalid' | 'timeout' | 'closed'
  /** Path of the fault inside the payload; empty for the payload itself. */
  readonly path: string

  constructor(kind: WireFault['kind'], message: string, path = '') {
    super(message)
    this.kind = kind
    this.path = path
  }
}

/** How one received event is answered. */
export interface Received {
  readonly event: string
  /** The payload before parsing, for telling which message failed; `undefined` when there was none. */
  readonly raw: unknown
  /** Absent when the sender asked for no ack. */
  readonly ack: ((reply: Reply<unknown>) => void) | undefined
}

/** What a listener adds to the table. */
export interface ListenOptions {
  /** Runs the work of one event: in order, at once, or not at all. Default: at once. */
  readonly run?: (event: string, received: Received, work: () => Promise<void>) => void
  /** Told of every failure: `WireFault` for a bad frame, else what the handler threw. */
  readonly fail: (received: Received, cause: unknown) => void
}

/**
 * Handles every event of `table` on `socket`: parses the payload, runs the handler, answers the ack.
 * A bad frame or a thrown error reaches `options.fail` and never the socket library. Returns a
 * function that stops listening.
 */
export function listen<T extends EventTable>(
  socket: WireSocket,
  table: T,
  handlers: Handlers<T, [Received]>,
  options: ListenOptions,
): () => void {
  const stops = eventNames(table).map((event) => {
    const listener = (...args: unknown[]) => {
      const { received, given } = readFrame(event, args)
      const work = async () => {
        try {
          const payload = parsePayload(table, event, given)
          const data = await handlers[event](payload, received)
          received.ack?.({ ok: true, data: data ?? {} })
        } catch (cause) {
          options.fail(received, cause)
        }
      }
      if (options.run) options.run(event, received, work)
      else void work()
    }
    socket.on(event, listener)
    return () => socket.off(event, listener)
  })
  return () => {
    for (const stop of stops) stop()
  }
}

/**
 * Sends an event and waits for its ack. The payload is parsed before it leaves and the ack before it
 * is used.
 *
 * @throws {WireFault} `invalid` (either way), `timeout` (milliseconds), `closed` (aborted by `signal`).
 */
export function request<T extends EventTable, E extends EventName<T>>(
  socket: WireSocket,
  table: T,
  event: E,
  payload: PayloadIn<T, E>,
  options: { readonly timeoutMs: number; readonly signal?: AbortSignal },
): Promise<Reply<AckData<T, E>>> {
  return new Promise((resolve, reject) => {
    const { schema, ack } = specOf(table, event)
    const parsed = schema.safeParse(payload)
    if (!parsed.success) return reject(faultOf(parsed.error))
    if (options.signal?.aborted) return reject(new WireFault('closed', `${event}: the connection is closed`))
    const settle = (finish: () => void) => {
      clearTimeout(timer)
      options.signal?.removeEventListener('abort', onAbort)
      finish()
    }
    const onAbort = () => settle(() => reject(new WireFault('closed', `${event}: the connection was closed`)))
    const timer = setTimeout(
      () => settle(() => reject(new WireFault('timeout', `${event}: no answer`))),
      options.timeoutMs,
    )
    options.signal?.addEventListener('abort', onAbort, { once: true })
    socket.emit(event, parsed.data, (answer: unknown) => {
      const reply = replySchema(ack).safeParse(answer)
      settle(() =>
        reply.success ? resolve(reply.data as Reply<AckData<T, E>>) : reject(faultOf(reply.error)),
      )
    })
  })
}

/** Sends an event and waits for nothing. */
export function send<T extends EventTable, E extends EventName<T>>(
  socket: Pick<WireSocket, 'emit'>,
  _table: T,
  event: E,
  payload: PayloadIn<T, E>,
): void {
  socket.emit(event, payload)
}

function eventNames<T extends EventTable>(table: T): EventName<T>[] {
  return Object.keys(table) as EventName<T>[]
}

function specOf<T extends EventTable>(table: T, event: EventName<T>) {
  const spec = table[event]
  if (!spec) throw new WireFault('invalid', `${event} is not an event of this protocol`)
  return { schema: spec.payload, ack: spec.ack ?? z.unknown() }
}

/** Tells a frame's ack from what else it carries. */
function readFrame(event: string, args: unknown[]): { received: Received; given: unknown[] } {
  const last = args.at(-1)
  if (typeof last !== 'function') return { received: { event, raw: args[0], ack: undefined }, given: args }
  const given = args.slice(0, -1)
  return { received: { event, raw: given[0], ack: (reply) => void last(reply) }, given }
}

function parsePayload<T extends EventTable, E extends EventName<T>>(
  table: T,
  event: E,
  given: unknown[],
): Payload<T, E> {
  if (given.length !== 1) {
    throw new WireFault('invalid', `expected one payload, got ${given.length}`)
  }
  const parsed = specOf(table, event).schema.safeParse(given[0])
  if (!parsed.success) throw faultOf(parsed.error)
  return parsed.data as Payload<T, E>
}

function faultOf(error: z.ZodError): WireFault {
  const issue = error.issues[0]
  return new WireFault('invalid', issue?.message ?? 'invalid', issue?.path.join('.') ?? '')
}
