import type OpenAI from 'openai'
import type { Clock, Log, Model, ModelEvent, ModelRequest } from '../chat/ports.ts'
import { type CapName, type Dialect, dialectParameters, nextDialect, rememberedDialect } from './dialect.ts'
import { faultOf, readFailure } from './failure.ts'
import { type AiLimits, aiLimits } from './limits.ts'
import { type OpenCall, readReply } from './model-stream.ts'
import { createOpenAiClient, type Endpoint, endpointHost } from './openai-client.ts'
import { logFailure, type RetryContext, waitForRetry } from './retry.ts'

/** What {@link createOpenAiModel} needs; `limits` replaces single values of `aiLimits`. */
export interface OpenAiModelOptions extends Endpoint {
  readonly model: string
  readonly continuesPrefix?: boolean
  readonly log: Log
  readonly clock: Clock
  readonly limits?: Partial<AiLimits>
}

interface Parts {
  readonly client: OpenAI
  readonly model: string
  readonly context: RetryContext
  /** What the server is known to understand; learnt from its refusals. */
  dialect: Dialect
}

/**
 * A model behind any OpenAI-compatible server, by streamed chat completions.
 *
 * - Aborting the signal closes the connection; the iteration then ends without `end` and without
 *   throwing, also while it waits for a retry. Leaving the loop closes the connection too.
 * - A line that breaks after text went out ends the iteration without `end`. Before that, broken
 *   lines and the statuses 408, 409, 429 and 5xx are tried again, at most `retries` times; a
 *   `retry-after` is kept to, unless it is longer than `retryAfterMaxMs`: then the fault names it.
 * - Everything else that fails is a {@link ModelFault} `AI_UNAVAILABLE`, without text of the
 *   provider, and a line in the log with its status and request id.
 */
export function createOpenAiModel(options: OpenAiModelOptions): Model {
  const parts: Parts = {
    client: createOpenAiClient(options),
    model: options.model,
    context: {
      clock: options.clock,
      log: options.log,
      limits: { ...aiLimits, ...options.limits },
      fields: { model: options.model },
    },
    dialect: { cap: 'max_completion_tokens', streamOptions: true },
  }
  return {
    name: `${options.model} at ${endpointHost(options.baseUrl)}`,
    demo: false,
    continuesPrefix: options.continuesPrefix ?? false,
    stream: (request, signal) => streamReply(parts, request, signal),
  }
}

async function* streamReply(
  parts: Parts,
  request: ModelRequest,
  signal: AbortSignal,
): AsyncGenerator<ModelEvent> {
  for (let attempt = 0; !signal.aborted; attempt++) {
    let last: ModelEvent['type'] | null = null
    try {
      for await (const event of streamOnce(parts, request, signal)) {
        last = event.type
        yield event
      }
      if (last !== 'end' && !signal.aborted) warnOfNoReason(parts)
      return
    } catch (error) {
      if (signal.aborted) return
      if (last !== null) {
        endBroken(parts, error)
        return
      }
      await waitForRetry(readFailure(error), attempt, parts.context, signal)
    }
  }
}

/** Ends a reply that has begun: quietly when the line broke, with a fault when the server failed. */
function endBroken({ context }: Parts, error: unknown): void {
  const failure = readFailure(error)
  logFailure(failure, { ...context.fields, ...failure.fields }, context.log)
  if (failure.kind !== 'connection') throw faultOf(failure)
}

/** A wrong address shows itself here too, when something else answers 200. */
function warnOfNoReason({ context }: Parts): void {
  context.log.warn(context.fields, 'the stream ended before the model said why')
}

/** One call upstream, whose connection never outlives this iteration. */
async function* streamOnce(
  parts: Parts,
  request: ModelRequest,
  signal: AbortSignal,
): AsyncGenerator<ModelEvent> {
  const controller = new AbortController()
  const close = () => controller.abort()
  signal.addEventListener('abort', close, { once: true })
  try {
    const call = await openCall(parts, request, controller)
    yield* readReply(call, parts.context.clock, parts.context.limits.endGraceMs)
  } finally {
    signal.removeEventListener('abort', close)
    close()
  }
}

/** Opens the stream, in other words if the server refuses a parameter by its name. */
async function openCall(parts: Parts, request: ModelRequest, controller: AbortController): Promise<OpenCall> {
  let dialect = parts.dialect
  const triedCaps = new Set<CapName>()
  for (;;) {
    triedCaps.add(dialect.cap)
    try {
      const chunks = await parts.client.chat.completions.create(
        {
          model: parts.model,
          messages: request.messages.map(({ role, content }) => ({ role, content })),
          stream: true,
          ...dialectParameters(dialect, parts.context.limits.maxOutputTokens),
        },
        { signal: controller.signal },
      )
      parts.dialect = rememberedDialect(parts.dialect, dialect)
      return { chunks, close: () => controller.abort() }
    } catch (error) {
      const next = nextDialect(dialect, triedCaps, error)
      if (next === null) throw error
      parts.context.log.debug({ model: parts.model, ...next }, 'the server refused a parameter')
      dialect = next
    }
  }
}
