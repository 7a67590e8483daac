import { z } from 'zod'
import { Id } from './ids.ts'

/** What everybody may know of a persona. Its instructions never leave the server. */
export const Persona = z.object({
  id: Id,
  name: z.string().min(1),
  pitch: z.string(),
  /** First message of a new session. */
  greeting: z.string(),
  /** Address of its picture on this server, an SVG image. */
  picture: z.string(),
  /** The version that writes new replies. */
  versionId: Id,
})

/** @see Persona */
export type Persona = z.infer<typeof Persona>
