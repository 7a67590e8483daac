import { z } from 'zod'
import { WireError } from './errors.ts'
import { Id, Instant, Revision } from './ids.ts'
import { limits } from './limits.ts'
import { Delta, Message } from './message.ts'
import { Persona } from './persona.ts'
import { Change, Page, Session, Snapshot } from './session.ts'
import type { EventTable, SocketEvents } from './table.ts'
import { Content } from './text.ts'

/** The namespace of all `chat:*` events. */
export const CHAT_NAMESPACE = '/chat'

const Committed = z.object({ change: Change, duplicate: z.boolean() })

/** Everything a client may send. */
export const clientEvents = {
  'chat:auth': {
    summary: 'Say who you are; holds until the socket closes.',
    payload: z.object({ userId: Id, token: z.string().min(1).max(limits.tokenLength).optional() }),
    ack: z.object({
      userId: Id,
      guest: z.boolean(),
      /** When the credential ends; null when it does not. */
      expiresAt: Instant.nullable(),
    }),
  },
  'chat:join': {
    summary: 'Open the newest session with a persona, a given session, or a fresh one.',
    payload: z.object({
      personaId: Id,
      sessionId: Id.optional(),
      fresh: z.boolean().optional(),
      /** Makes a repeated `fresh` return the session that the first one began. */
      clientRequestId: Id.optional(),
    }),
    ack: Snapshot.extend({ persona: Persona, created: z.boolean() }),
  },
  'chat:message': {
    summary: 'Say something; a reply follows.',
    payload: z.object({ sessionId: Id, content: Content, clientMessageId: Id.optional() }),
    ack: Committed,
  },
  'chat:stop': {
    summary: 'End a reply where it is.',
    payload: z.object({ sessionId: Id, replyId: Id }),
    ack: Message,
  },
  'chat:regenerate': {
    summary: 'Have a message answered anew; the earlier reply stays as a sibling.',
    payload: z.object({ sessionId: Id, messageId: Id, clientRequestId: Id.optional() }),
    ack: Committed,
  },
  'chat:edit': {
    summary: 'Say something else instead; the earlier message stays as a sibling.',
    payload: z.object({ sessionId: Id, messageId: Id, content: Content, clientMessageId: Id.optional() }),
    ack: Committed,
  },
  'chat:select': {
    summary: 'Show the branch that a message is on.',
    payload: z.object({ sessionId: Id, messageId: Id }),
    ack: Page.extend({ change: Change }),
  },
  'chat:history': {
    summary: 'Read older messages of the shown branch.',
    payload: z.object({
      sessionId: Id,
      /** `seq` of the oldest message that the client holds; absent: the newest page. */
      beforeSeq: Revision.optional(),
      limit: z.int().min(1).max(limits.pageMessagesMax).optional(),
    }),
    ack: Page,
  },
  'chat:sync': {
    summary: 'Read everything that changed since a revision.',
    payload: z.object({ sessionId: Id, afterRevision: Revision }),
    ack: z.discriminatedUnion('reset', [
      z.object({ reset: z.literal(false), change: Change, live: Snapshot.shape.live }),
      Snapshot.extend({ reset: z.literal(true) }),
    ]),
  },
  'chat:leave': {
    summary: 'Hear nothing more of a session.',
    payload: z.object({ sessionId: Id }),
    ack: z.object({}),
  },
} as const satisfies EventTable

/** Everything a server may send by itself. */
export const serverEvents = {
  'chat:session': {
    summary: 'A session as it stands: after a join, and when its title or branch changes.',
    payload: Session,
  },
  'chat:message': {
    summary: 'A turn as committed, to the other sockets of its session.',
    payload: z.object({ sessionId: Id, change: Change }),
  },
  'chat:delta': { summary: 'A piece of a live reply.', payload: Delta },
  'chat:response': {
    summary: 'A reply at its end. `change.messages` holds the other rows that the end changed.',
    payload: Message.extend({ change: Change }),
  },
  'chat:error': {
    summary: 'A failure that no ack could carry.',
    payload: WireError,
  },
} as const satisfies EventTable

/** @see clientEvents */
export type ClientEvents = typeof clientEvents
/** @see serverEvents */
export type ServerEvents = typeof serverEvents

/** Socket.IO's generics, as both ends use them. */
export type ClientToServer = SocketEvents<ClientEvents>
/** @see ClientToServer */
export type ServerToClient = SocketEvents<ServerEvents>
