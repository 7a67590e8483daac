import type { FinishReason } from '@parley/protocol'
import { z } from 'zod'
import type { TokenUsage } from '../chat/ports.ts'
import { UnusableAnswer } from './failure.ts'

const Usage = z.object({ prompt_tokens: z.int().min(0), completion_tokens: z.int().min(0) })

/** As loose as the servers are: whatever is missing, null or of another type counts as absent. */
const Chunk = z.object({
  object: z.unknown().optional(),
  choices: z
    .array(
      z.object({
        delta: z.object({ content: text(), refusal: text() }).nullish().catch(null),
        finish_reason: z.string().nullish().catch(null),
      }),
    )
    .nullish()
    .catch(null),
  usage: Usage.nullish().catch(null),
})

/** What one chunk of a stream says. Reasoning is not part of it: it is never the answer. */
export interface ChunkContent {
  readonly text: string
  readonly refusal: string
  readonly finish: string | null
  readonly usage: TokenUsage | null
}

/**
 * Reads a chunk of any OpenAI-compatible server.
 *
 * @throws {UnusableAnswer} when it is none.
 */
export function readChunk(raw: unknown): ChunkContent {
  const parsed = Chunk.safeParse(raw)
  // Older vLLM reports a failure as a chunk of this kind and not under `error`.
  if (!parsed.success || parsed.data.object === 'error') throw new UnusableAnswer('not a chunk')
  const { choices, usage } = parsed.data
  const choice = choices?.[0]
  return {
    text: choice?.delta?.content ?? '',
    refusal: choice?.delta?.refusal ?? '',
    finish: choice?.finish_reason || null,
    usage: usage ? { promptTokens: usage.prompt_tokens, completionTokens: usage.completion_tokens } : null,
  }
}

const finishReasons: Readonly<Record<string, FinishReason>> = {
  length: 'length',
  max_tokens: 'length',
  model_length: 'length',
  content_filter: 'content_filter',
  safety: 'content_filter',
  recitation: 'content_filter',
  prohibited_content: 'content_filter',
}

/** What some gateways say when the model behind them broke off. */
const brokenOff: ReadonlySet<string> = new Set(['error', 'abort', 'insufficient_system_resource'])

/**
 * A provider's finish reason in the terms of the contract. Reasons that nobody here knows are a
 * plain end: no tools are ever offered, so a model that ends with `tool_calls` has said what it had
 * to say.
 *
 * @throws {UnusableAnswer} when the reason names a failure.
 */
export function finishReason(finish: string, refused: boolean): FinishReason {
  const name = finish.toLowerCase()
  if (brokenOff.has(name)) throw new UnusableAnswer('the model broke off')
  if (refused) return 'refusal'
  return finishReasons[name] ?? 'stop'
}

function text() {
  return z.string().nullish().catch(null)
}
