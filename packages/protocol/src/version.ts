import { z } from 'zod'

/** Raised when a client of the version before could misread this one. */
export const PROTOCOL_VERSION = 1

/**
 * What a client passes in the Socket.IO handshake (`auth`). A plain client passes nothing and is
 * taken to speak version 1.
 */
export const Handshake = z.object({ protocol: z.int().min(1).default(1) })
