import { Change, Message, Page, Session, Snapshot } from '@parley/protocol'
import { z } from 'zod'

/** What the functions of the migrations return; parsed, so that a fault in their SQL is seen here. */

const Job = z.object({
  replyId: z.string(),
  sessionId: z.string(),
  userId: z.string(),
  epoch: z.int(),
  personaVersionId: z.string(),
  context: z.array(z.object({ sender: z.enum(['user', 'ai']), content: z.string() })),
})

const Spent = z.object({ outcome: z.literal('spent'), retryAfterMs: z.int() })

export const Claimed = Job.extend({
  prefix: z.string(),
  attempt: z.int(),
  stopped: z.boolean(),
  overBudget: z.boolean(),
})

export const CommitTurn = z.discriminatedUnion('outcome', [
  z.object({ outcome: z.literal('committed'), change: Change, job: Job.nullable(), titled: z.boolean() }),
  z.object({ outcome: z.literal('duplicate'), change: Change, job: Job.nullable() }),
  z.object({ outcome: z.literal('not_found') }),
  z.object({ outcome: z.literal('busy') }),
  Spent,
])

const NotFound = z.object({ outcome: z.enum(['session_not_found', 'message_not_found']) })
const Stopped = z.array(z.string())

export const Branch = z.discriminatedUnion('outcome', [
  z.object({ outcome: z.literal('committed'), change: Change, job: Job, stopped: Stopped }),
  z.object({ outcome: z.literal('duplicate'), change: Change, job: Job.nullable() }),
  z.object({ outcome: z.enum(['full', 'busy']) }),
  Spent,
  NotFound,
])

export const Select = z.discriminatedUnion('outcome', [
  z.object({ outcome: z.literal('selected'), change: Change, page: Page, stopped: Stopped }),
  NotFound,
])

export const FinishReply = z.discriminatedUnion('outcome', [
  z.object({ outcome: z.literal('saved'), message: Message, change: Change, next: Job.nullable() }),
  z.object({ outcome: z.literal('fenced') }),
])

export const StopReply = z.discriminatedUnion('outcome', [
  NotFound,
  z.object({ outcome: z.literal('live') }),
  z.object({ outcome: z.literal('ended'), message: Message }),
  z.object({ outcome: z.literal('cancelled'), message: Message, change: Change }),
])

export const Started = z.object({ change: Change, job: Job.nullable() })
export const Opened = z.union([
  z.object({ sessionId: z.string(), created: z.boolean() }),
  z.object({ retryAfterMs: z.int() }),
])
export const History = z.union([z.object({ found: z.literal(false) }).strict(), Page])
export const Standing = z.array(z.object({ userId: z.string(), session: Session }))
export const Sync = z.discriminatedUnion('reset', [
  z.object({ reset: z.literal(false), change: Change, live: Snapshot.shape.live }),
  Snapshot.extend({ reset: z.literal(true) }),
])
export { Change, Snapshot }

/** Messages alone. */
export const Messages = z.array(z.object({ message: Message }))
