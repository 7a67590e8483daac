import { z } from 'zod'
import { limits } from './limits.ts'

/**
 * Any identifier of the contract. Opaque: a receiver compares ids and never reads them. Printable
 * characters only, so that an id can stand in a query, a log line and an address as it is.
 */
export const Id = z
  .string()
  .min(1)
  .max(limits.idLength)
  .regex(/^[\p{L}\p{N}\p{P}\p{S}]+$/u, { error: 'must be printable and without spaces' })

/** @see Id */
export type Id = z.infer<typeof Id>

/** An instant, ISO 8601 in UTC. For people only: order never depends on it. */
export const Instant = z.iso.datetime()

/** Place of a change in its session, from 1; 0 is the empty session. */
export const Revision = z.int32().min(0)
