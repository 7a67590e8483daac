import { z } from 'zod'
import { WireError } from './errors.ts'

/** What every ack carries. */
export type Reply<T> = { ok: true; data: T } | { ok: false; error: WireError }

/** Schema of an ack whose data fits `data`. */
export function replySchema<T extends z.ZodType>(data: T) {
  return z.discriminatedUnion('ok', [
    z.object({ ok: z.literal(true), data }),
    z.object({ ok: z.literal(false), error: WireError }),
  ])
}
