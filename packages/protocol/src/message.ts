import { z } from 'zod'
import { ErrorCode } from './errors.ts'
import { Id, Instant, Revision } from './ids.ts'

/** Who wrote a message. */
export const Sender = z.enum(['user', 'ai'])

/**
 * Life of a message. A user's message is `complete` from the start. A reply is `waiting` behind
 * another one, `live` while it is written, and ends once: `complete` (the model said why it
 * finished), `stopped` (by the person), `failed` (text so far kept) or `blocked` (by moderation).
 */
export const MessageStatus = z.enum(['waiting', 'live', 'complete', 'stopped', 'failed', 'blocked'])

/** @see MessageStatus */
export type MessageStatus = z.infer<typeof MessageStatus>

/** Why a model ended its reply by itself. */
export const FinishReason = z.enum(['stop', 'length', 'content_filter', 'refusal'])

/** @see FinishReason */
export type FinishReason = z.infer<typeof FinishReason>

/** One message of a session. While a reply is `live`, `content` is empty: its text comes in deltas. */
export const Message = z.object({
  id: Id,
  sender: Sender,
  content: z.string(),
  createdAt: Instant,
  sessionId: Id,
  /** The message that this one answers or follows; null for the first of a session. */
  parentId: Id.nullable(),
  /** Revision at birth; the order of a session. */
  seq: Revision,
  /** Revision of the last change. */
  revision: Revision,
  status: MessageStatus,
  /** All children of the same parent in order of `seq`, this one included. */
  siblingIds: z.array(Id),
  /** On a user's message: the id its client gave it. */
  clientMessageId: Id.nullable(),
  /** On a user's message: the reply that answers it. */
  replyId: Id.nullable(),
  /** On a reply: the version of the persona that wrote it. */
  personaVersionId: Id.nullable(),
  /** On a reply that ended by itself. */
  finishReason: FinishReason.nullable(),
  /** On a reply that failed. */
  error: ErrorCode.nullable(),
  /** Written by a persona's demo script, no model being connected. */
  demo: z.boolean(),
})

/** @see Message */
export type Message = z.infer<typeof Message>

/** The text of a live reply so far; later deltas of `epoch` continue it. */
export const LiveReply = z.object({ replyId: Id, epoch: z.int32().min(0), text: z.string() })

/** @see LiveReply */
export type LiveReply = z.infer<typeof LiveReply>

/** A piece of a live reply. `offset` counts UTF-16 code units from the start of the reply. */
export const Delta = z.object({
  sessionId: Id,
  replyId: Id,
  epoch: z.int32().min(0),
  offset: z.int32().min(0),
  text: z.string(),
  /** True on the first delta of an epoch. */
  start: z.boolean().optional(),
})

/** @see Delta */
export type Delta = z.infer<typeof Delta>
