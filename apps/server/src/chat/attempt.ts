import { codePointLength, type ErrorCode, limits } from '@parley/protocol'
import { ChatFailure } from './failure.ts'
import { type Log, type PromptMessage, StorageUnavailable, type Store } from './ports.ts'
import { buildPrompt, continueFrom } from './prompt.ts'
import { estimateTokens } from './tokens.ts'
import { ended, type Outcome, type Writing } from './writing.ts'

/** What an attempt at a reply needs beside the model. */
export interface AttemptDeps {
  readonly store: Store
  readonly log: Log
  readonly contextMessages: number
}

/**
 * Builds the prompt of a reply and runs its writing to the end. Never throws: whatever goes wrong is an outcome.
 *
 * @param prefix what an earlier attempt wrote and this one goes on from.
 */
export async function attempt(
  { store, log, contextMessages }: AttemptDeps,
  writing: Writing,
  prefix: string,
): Promise<Outcome> {
  const { replyId, personaVersionId, context } = writing.job
  try {
    const persona = await store.personaVersion(personaVersionId)
    if (!persona) throw new ChatFailure('PERSONA_NOT_FOUND')
    const reserved = codePointLength(prefix)
    const budget = { messages: contextMessages, codePoints: limits.promptCodePoints, reserved }
    const prompt = buildPrompt(persona, null, context, budget)
    const { messages, trace } = continueFrom(prompt, prefix)
    log.debug({ replyId, trace }, 'prompt built')
    return withCost(await writing.run({ messages, persona }), messages, writing.text.slice(prefix.length))
  } catch (cause) {
    log.error({ replyId, err: cause }, 'reply could not be written')
    return ended('failed', codeOf(cause))
  }
}

function withCost(outcome: Outcome, prompt: readonly PromptMessage[], written: string): Outcome {
  if (outcome.kind !== 'ended') return outcome
  const { usage, error, finishReason } = outcome.end
  // A call that fails before its first word is not charged, unless it was this side that hung up.
  const isRefused = error !== null && error !== 'AI_TIMEOUT' && finishReason === null && written === ''
  const estimate = isRefused ? 0 : estimateTokens(prompt, written)
  const tokens = usage ? usage.promptTokens + usage.completionTokens : estimate
  return { ...outcome, end: { ...outcome.end, tokens } }
}

function codeOf(cause: unknown): ErrorCode {
  if (cause instanceof ChatFailure) return cause.code
  return cause instanceof StorageUnavailable ? 'STORAGE_UNAVAILABLE' : 'INTERNAL'
}
