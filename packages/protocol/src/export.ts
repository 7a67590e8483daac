import { z } from 'zod'
import { Id, Instant } from './ids.ts'
import { Message } from './message.ts'
import { Session } from './session.ts'

/** Everything that a server keeps of one person, as a file to take away. */
export const PersonExport = z.object({
  format: z.literal('parley-export'),
  version: z.literal(1),
  exportedAt: Instant,
  person: z.object({
    id: Id,
    name: z.string(),
    /** Null for a guest and for people of another site. */
    email: z.string().nullable(),
    createdAt: Instant,
  }),
  /** Newest first; messages of all branches, in the order in which they came. */
  sessions: z.array(z.object({ session: Session, messages: z.array(Message) })),
})

/** @see PersonExport */
export type PersonExport = z.infer<typeof PersonExport>
