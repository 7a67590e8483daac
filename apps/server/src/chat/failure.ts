import { type ErrorCode, errors } from '@parley/protocol'

/** A request that the domain refuses, with the code that its sender is told. */
export class ChatFailure extends Error {
  override readonly name = 'ChatFailure'
  readonly code: ErrorCode
  /** Milliseconds after which a retry makes sense. */
  readonly retryAfterMs: number | undefined

  constructor(code: ErrorCode, options: { retryAfterMs?: number | undefined; cause?: unknown } = {}) {
    super(errors[code].sentence, { cause: options.cause })
    this.code = code
    this.retryAfterMs = options.retryAfterMs
  }
}
