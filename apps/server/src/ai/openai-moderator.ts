import { z } from 'zod'
import type { Clock, Log, Moderator } from '../chat/ports.ts'
import { faultOf, readFailure } from './failure.ts'
import { type AiLimits, aiLimits } from './limits.ts'
import { createOpenAiClient, type Endpoint, endpointHost } from './openai-client.ts'
import { waitForRetry } from './retry.ts'

const MODERATION_MODEL = 'omni-moderation-latest'

const Answer = z.object({ results: z.array(z.object({ flagged: z.boolean() })).min(1) })

/** What {@link createOpenAiModerator} needs; `limits` replaces single values of `aiLimits`. */
export interface OpenAiModeratorOptions extends Endpoint {
  readonly log: Log
  readonly clock: Clock
  readonly limits?: Partial<AiLimits>
}

/**
 * Asks `/moderations` of an OpenAI-compatible server. Each try has `moderationTimeoutMs`; no answer
 * in time, broken lines, 408, 409, 429 and 5xx are tried again at most `retries` times. An answer
 * that cannot be read is a fault, never a pass. An aborted signal throws a fault as well, because
 * nothing was decided.
 */
export function createOpenAiModerator(options: OpenAiModeratorOptions): Moderator {
  const client = createOpenAiClient(options)
  const limits = { ...aiLimits, ...options.limits }
  const { clock, log } = options
  const context = { clock, log, limits, fields: { model: MODERATION_MODEL } }
  const ask = async (input: string, signal: AbortSignal) =>
    Answer.parse(await client.moderations.create({ model: MODERATION_MODEL, input }, { signal }))

  return {
    name: `${MODERATION_MODEL} at ${endpointHost(options.baseUrl)}`,
    async check(text, signal) {
      for (let attempt = 0; ; attempt++) {
        try {
          const { results } = await withTimeout(clock, limits.moderationTimeoutMs, signal, (inTime) =>
            ask(text, inTime),
          )
          return { flagged: results.some((result) => result.flagged) }
        } catch (error) {
          const failure = readFailure(error)
          if (signal.aborted || !(await waitForRetry(failure, attempt, context, signal))) {
            throw faultOf(failure)
          }
        }
      }
    },
  }
}

/** Runs a call under a signal that aborts with the caller's or after `ms`. */
async function withTimeout<T>(
  clock: Clock,
  ms: number,
  signal: AbortSignal,
  call: (inTime: AbortSignal) => Promise<T>,
): Promise<T> {
  const controller = new AbortController()
  const abort = () => controller.abort()
  signal.addEventListener('abort', abort, { once: true })
  const cancel = clock.after(ms, abort)
  try {
    if (signal.aborted) abort()
    return await call(controller.signal)
  } finally {
    cancel()
    signal.removeEventListener('abort', abort)
  }
}
