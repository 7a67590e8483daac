import { z } from 'zod'
import { Id } from './ids.ts'

interface ErrorMeaning {
  /** Whether the same request may succeed later without a change. */
  readonly retryable: boolean
  /** What the person is told. */
  readonly sentence: string
}

/** Every code that crosses the wire, and what it means. */
export const errors = {
  NOT_AUTHENTICATED: { retryable: false, sentence: 'You are not signed in. Sign in and try again.' },
  SESSION_NOT_FOUND: { retryable: false, sentence: 'This conversation does not exist.' },
  MODERATION_FAILED: {
    retryable: false,
    sentence: 'This goes against the rules of this server or of its model. Change the text and try again.',
  },
  PERSONA_NOT_FOUND: { retryable: false, sentence: 'This persona does not exist.' },
  MESSAGE_NOT_FOUND: { retryable: false, sentence: 'This message does not exist.' },
  INVALID_PAYLOAD: { retryable: false, sentence: 'The server could not read this request.' },
  RATE_LIMITED: { retryable: true, sentence: 'That was too fast. Wait a moment and try again.' },
  BUSY: { retryable: true, sentence: 'Earlier messages are still being answered. Try again in a moment.' },
  AI_TIMEOUT: { retryable: true, sentence: 'The reply took too long. You can try again.' },
  AI_UNAVAILABLE: { retryable: true, sentence: 'The model cannot be reached right now. You can try again.' },
  STORAGE_UNAVAILABLE: {
    retryable: true,
    sentence: 'The server cannot reach its database right now. Try again in a moment.',
  },
  PROTOCOL_MISMATCH: {
    retryable: false,
    sentence: 'This page is older or newer than the server. Reload the page.',
  },
  INTERNAL: { retryable: true, sentence: 'Something went wrong on the server. Try again.' },
} as const satisfies Record<string, ErrorMeaning>

/** @see errors */
export type ErrorCode = keyof typeof errors

const codes = Object.keys(errors) as [ErrorCode, ...ErrorCode[]]

/** The closed set of codes. */
export const ErrorCode = z.enum(codes)

/**
 * A failure as it crosses the wire: the payload of `chat:error` and the failed side of every ack.
 * Carries nothing internal: no stack, no SQL, no key, no text of the provider.
 */
export const WireError = z.object({
  error: ErrorCode,
  message: z.string(),
  /** The event that failed, when there was one. */
  event: z.string().optional(),
  /** Path of the fault inside the payload, for `INVALID_PAYLOAD`. */
  path: z.string().optional(),
  clientMessageId: Id.optional(),
  replyId: Id.optional(),
  /** Milliseconds after which a retry makes sense. */
  retryAfterMs: z.int().min(0).optional(),
  /** Names this failure in the server's log. */
  requestId: Id,
})

/** @see WireError */
export type WireError = z.infer<typeof WireError>

/** Whether the same request may succeed later without a change. */
export function isRetryable(code: ErrorCode): boolean {
  return errors[code].retryable
}
