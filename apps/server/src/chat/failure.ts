import { type ErrorCode, errors } from '@parley/protocol'

/** What a failure carries beside its code. */
interface ChatFailureOptions {
  readonly retryAfterMs?: number | undefined
  /** Tells the person more than the sentence of the code does. */
  readonly sentence?: string
  readonly cause?: unknown
}

/** A request that the domain refuses, with the code that its sender is told. */
export class ChatFailure extends Error {
  override readonly name = 'ChatFailure'
  readonly code: ErrorCode
  /** Milliseconds after which a retry makes sense. */
  readonly retryAfterMs: number | undefined

  constructor(code: ErrorCode, options: ChatFailureOptions = {}) {
    super(options.sentence ?? errors[code].sentence, { cause: options.cause })
    this.code = code
    this.retryAfterMs = options.retryAfterMs
  }
}
