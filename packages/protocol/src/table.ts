import type { z } from 'zod'
import type { Reply } from './reply.ts'

/** One event: its payload, what its ack carries (if it has one), and what it is for. */
export interface EventSpec {
  readonly summary: string
  readonly payload: z.ZodType
  readonly ack?: z.ZodType
}

/** All events of one direction. */
export type EventTable = Readonly<Record<string, EventSpec>>

/** Names of a table's events. */
export type EventName<T extends EventTable> = keyof T & string

/** A payload as its sender writes it. */
export type PayloadIn<T extends EventTable, E extends EventName<T>> = z.input<T[E]['payload']>

/** A payload as its receiver reads it, parsed. */
export type Payload<T extends EventTable, E extends EventName<T>> = z.output<T[E]['payload']>

/** Data of an event's ack; `undefined` for an event that has none. */
export type AckData<T extends EventTable, E extends EventName<T>> = T[E] extends {
  readonly ack: infer A extends z.ZodType
}
  ? z.output<A>
  : undefined

/** The table as Socket.IO's event map; the ack is optional on the wire. */
export type SocketEvents<T extends EventTable> = {
  [E in EventName<T>]: T[E] extends { readonly ack: z.ZodType }
    ? (payload: PayloadIn<T, E>, ack?: (reply: Reply<AckData<T, E>>) => void) => void
    : (payload: PayloadIn<T, E>) => void
}

/** One handler per event; a table with a new event does not compile until it is handled. */
export type Handlers<T extends EventTable, Context extends unknown[] = []> = {
  [E in EventName<T>]: (payload: Payload<T, E>, ...context: Context) => AckData<T, E> | Promise<AckData<T, E>>
}
