import { ChatFailure } from './failure.ts'
import { type Log, ModelFault, type Moderator, type ReplyEnd } from './ports.ts'

/** What moderation goes by. */
export interface ModerationDeps {
  readonly moderator: Moderator
  /** Let pass what the moderator could not judge (`MODERATION_ON_ERROR=allow`). */
  readonly allowOnError: boolean
  readonly log: Log
}

/** Time a moderator has, in milliseconds. */
const TIMEOUT_MS = 8_000

/** Judges what people say before it is stored, and what personas answer before it is final. */
export class Moderation {
  readonly #deps: ModerationDeps

  constructor(deps: ModerationDeps) {
    this.#deps = deps
  }

  /** Why a text may not stand: `MODERATION_FAILED`, or what keeps the moderator from judging; null: it may. */
  async refusal(text: string): Promise<ChatFailure | null> {
    const { moderator, allowOnError, log } = this.#deps
    try {
      const { flagged } = await moderator.check(text, AbortSignal.timeout(TIMEOUT_MS))
      return flagged ? new ChatFailure('MODERATION_FAILED') : null
    } catch (cause) {
      if (allowOnError) {
        log.warn({ err: cause }, 'a text was let pass without moderation')
        return null
      }
      if (!(cause instanceof ModelFault)) return new ChatFailure('AI_UNAVAILABLE', { cause })
      return new ChatFailure(cause.code, { cause, retryAfterMs: cause.retryAfterMs })
    }
  }

  /** A reply's end as it may stand: without its text if that may not, as `blocked` or, not judged, `failed`. */
  async judged(end: ReplyEnd): Promise<ReplyEnd> {
    if (end.content.trim() === '') return end
    const refusal = await this.refusal(end.content)
    if (!refusal) return end
    const { code } = refusal
    this.#deps.log.warn({ replyId: end.replyId, code, err: refusal.cause }, 'a reply was withdrawn')
    return { ...end, status: code === 'MODERATION_FAILED' ? 'blocked' : 'failed', content: '', error: code }
  }
}
