import type { Clock, Log } from '../chat/ports.ts'
import { type Failure, faultOf } from './failure.ts'
import type { AiLimits } from './limits.ts'
import { pause } from './pause.ts'

/** What deciding on a retry needs. */
export interface RetryContext {
  readonly clock: Clock
  readonly log: Log
  readonly limits: AiLimits
  /** Stands in every line of the log. */
  readonly fields: Readonly<Record<string, string>>
}

/**
 * Waits for the next try after a failure of try number `attempt` (from 0).
 *
 * @returns false when the signal aborted the wait.
 * @throws {ModelFault} when no further try makes sense; logged for the operator.
 */
export async function waitForRetry(
  failure: Failure,
  attempt: number,
  context: RetryContext,
  signal: AbortSignal,
): Promise<boolean> {
  const { clock, log, limits } = context
  const fields = { ...context.fields, ...failure.fields, attempt: attempt + 1 }
  const waitMs = failure.retryAfterMs ?? backoffMs(attempt, limits)
  const tooLong = (failure.retryAfterMs ?? 0) > limits.retryAfterMaxMs
  if (!failure.passing || attempt >= limits.retries || tooLong) {
    logFailure(failure, fields, log)
    throw faultOf(failure)
  }
  log.warn({ ...fields, waitMs: Math.round(waitMs) }, 'the provider failed; trying again')
  return pause(clock, waitMs, signal)
}

/** What passes by itself is a warning; a refusal that stays until the operator acts is an error. */
export function logFailure(failure: Failure, fields: object, log: Log): void {
  if (failure.kind !== 'status' || failure.passing) log.warn(fields, 'the provider failed; giving up')
  else log.error(fields, 'the provider refuses the call; check the key, the address and the model')
}

/** Doubles with each attempt; half of it is random, so that many callers do not return at once. */
function backoffMs(attempt: number, limits: AiLimits): number {
  return limits.retryBaseMs * 2 ** attempt * (0.5 + Math.random() / 2)
}
