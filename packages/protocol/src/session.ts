import { z } from 'zod'
import { Id, Instant, Revision } from './ids.ts'
import { LiveReply, Message } from './message.ts'

/** A conversation of one person with one persona. */
export const Session = z.object({
  id: Id,
  personaId: Id,
  /** Made of the first message; null before it. */
  title: z.string().nullable(),
  revision: Revision,
  /** Last message of the branch that is shown. */
  activeLeafId: Id.nullable(),
  createdAt: Instant,
  updatedAt: Instant,
})

/** @see Session */
export type Session = z.infer<typeof Session>

/**
 * One committed change of a session: every row it touched, as it stands after it. Applied only by a
 * receiver that is at `prevRevision` [M3].
 */
export const Change = z.object({
  prevRevision: Revision,
  revision: Revision,
  session: Session,
  messages: z.array(Message),
})

/** @see Change */
export type Change = z.infer<typeof Change>

/**
 * Messages of the shown branch, oldest first; fewer than asked for when they are long. `hasMore`: older
 * ones exist.
 */
export const Page = z.object({ messages: z.array(Message), hasMore: z.boolean() })

/** @see Page */
export type Page = z.infer<typeof Page>

/** A session as it stands at `session.revision`: newest page and live reply, of one moment. */
export const Snapshot = Page.extend({ session: Session, live: LiveReply.nullable() })

/** @see Snapshot */
export type Snapshot = z.infer<typeof Snapshot>
