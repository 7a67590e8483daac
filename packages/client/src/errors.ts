import { type ErrorCode, errors, WireError, WireFault } from '@parley/protocol'

/** Failures that only a client can see, beside those of the contract. */
const localErrors = {
  TIMEOUT: { retryable: true, sentence: 'The server did not answer in time. Try again.' },
  DISCONNECTED: { retryable: true, sentence: 'There is no connection to the server. Try again.' },
  BAD_REPLY: { retryable: true, sentence: 'The answer of the server could not be read. Try again.' },
} as const

/** Every code that a `ChatError` may carry. */
export type ChatErrorCode = ErrorCode | keyof typeof localErrors

const meanings: Readonly<Record<ChatErrorCode, { readonly retryable: boolean; readonly sentence: string }>> =
  {
    ...errors,
    ...localErrors,
  }

/** What is known of a failure beside its code. */
export interface ChatErrorDetails {
  /** A sentence for the person; default: the one of the code. */
  readonly message?: string | undefined
  readonly retryAfterMs?: number | undefined
  readonly path?: string | undefined
  readonly event?: string | undefined
  readonly clientMessageId?: string | undefined
  readonly replyId?: string | undefined
  readonly requestId?: string | undefined
  readonly cause?: unknown
}

/** Every failure that this package throws or reports. `message` is a sentence for the person. */
export class ChatError extends Error {
  override readonly name = 'ChatError'
  readonly code: ChatErrorCode
  /** Whether the same request may succeed later without a change. */
  readonly retryable: boolean
  /** Milliseconds after which a retry makes sense, when the server said so. */
  readonly retryAfterMs: number | undefined
  /** Path of the fault inside the payload, for `INVALID_PAYLOAD` and `BAD_REPLY`. */
  readonly path: string | undefined
  /** The event that failed, when there was one. */
  readonly event: string | undefined
  readonly clientMessageId: string | undefined
  readonly replyId: string | undefined
  /** Names this failure in the server's log. */
  readonly requestId: string | undefined

  constructor(code: ChatErrorCode, details: ChatErrorDetails = {}) {
    super(details.message || meanings[code].sentence, { cause: details.cause })
    this.code = code
    this.retryable = meanings[code].retryable
    this.retryAfterMs = details.retryAfterMs
    this.path = details.path
    this.event = details.event
    this.clientMessageId = details.clientMessageId
    this.replyId = details.replyId
    this.requestId = details.requestId
  }
}

/** A failure as the server sent it. */
export function fromWire(error: WireError): ChatError {
  const { error: code, ...details } = error
  return new ChatError(code, details)
}

/** A refused handshake: the server's error if it sent one, else a lost connection. */
export function fromHandshake(cause: Error & { readonly data?: unknown }): ChatError {
  const parsed = WireError.safeParse(cause.data)
  if (parsed.success) return fromWire(parsed.data)
  for (const code of ['PROTOCOL_MISMATCH', 'NOT_AUTHENTICATED', 'RATE_LIMITED'] as const) {
    if (cause.message === code) return new ChatError(code, { cause })
  }
  return new ChatError('DISCONNECTED', { cause })
}

/** Anything thrown, as a `ChatError`; `event` names the request that threw it. */
export function toChatError(cause: unknown, event?: string): ChatError {
  if (cause instanceof ChatError) return cause
  if (!(cause instanceof WireFault)) return new ChatError('DISCONNECTED', { cause, event })
  if (cause.kind === 'timeout') return new ChatError('TIMEOUT', { cause, event })
  if (cause.kind === 'closed') return new ChatError('DISCONNECTED', { cause, event })
  return new ChatError('BAD_REPLY', { cause, event, path: cause.path })
}

/** Whether a failure means that nothing more can be asked on its line. */
export function endsLine(error: ChatError): boolean {
  return error.code === 'NOT_AUTHENTICATED' || error.code === 'PROTOCOL_MISMATCH'
}

/** Whether a failure came of the line: the request itself may go well on another one. */
export function losesLine(error: ChatError): boolean {
  return error.code === 'DISCONNECTED' || error.code === 'TIMEOUT' || endsLine(error)
}
