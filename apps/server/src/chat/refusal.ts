import { ChatFailure } from './failure.ts'
import type { Moderation } from './moderation.ts'
import { TooManySessions } from './ports.ts'
import type { Replies } from './replies.ts'

/** When a session or a process that takes nothing more is worth another try, in milliseconds. */
const BUSY_RETRY_MS = 2_000

/** What decides whether a new reply may begin here. */
interface Gates {
  readonly moderation: Moderation
  readonly replies: Replies
}

/** Why a text may not be said here and now; null: it may. */
export async function refusalOf(
  { moderation, replies }: Gates,
  content: string,
): Promise<ChatFailure | null> {
  return (await moderation.refusal(content)) ?? refusalOfLeaving(replies)
}

/** A process that is about to end begins no reply. */
export function refusalOfLeaving(replies: Replies): ChatFailure | null {
  return replies.leaving ? busy() : null
}

/** Too much is under way; the same request may do in a moment. */
export function busy(): ChatFailure {
  return new ChatFailure('BUSY', { retryAfterMs: BUSY_RETRY_MS })
}

/** What a person is told who has spent the budget of the day. */
export const SPENT_SENTENCE = 'You have used up what you may ask of the personas in one day.'

/** The person has spent the budget of the day. */
export function spentUp(retryAfterMs: number): ChatFailure {
  return new ChatFailure('RATE_LIMITED', { retryAfterMs, sentence: SPENT_SENTENCE })
}

/** Tells who has begun too many sessions when the next one may be begun; anything else is thrown on. */
export function refuseSession(cause: unknown): never {
  if (!(cause instanceof TooManySessions)) throw cause
  const sentence =
    'You have begun many conversations today. Go on in one of them, or begin another one later.'
  throw new ChatFailure('RATE_LIMITED', { retryAfterMs: cause.retryAfterMs, sentence })
}
