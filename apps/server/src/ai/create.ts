import type { Clock, Log, Model, Moderator } from '../chat/ports.ts'
import { isOpenAi } from './openai-client.ts'
import { createOpenAiModel } from './openai-model.ts'
import { createOpenAiModerator } from './openai-moderator.ts'
import { createScriptModel } from './script-model.ts'
import { createWordModerator } from './word-moderator.ts'

/** Which model and which moderation a server uses. */
export interface AiConfig {
  readonly apiKey: string | null
  readonly baseUrl: string | null
  /** Name of the model at the provider; unused while neither key nor address is set. */
  readonly model: string
  /** Whether it goes on from a last message of its own; servers of one dialect differ in it. */
  readonly continuesPrefix?: boolean
  /** Tokens that it may write in one reply; absent: `aiLimits.maxOutputTokens`. */
  readonly maxReplyTokens?: number
  /**
   * `auto` is `openai` where the provider is OpenAI itself, else `local`. `openai` asks the same
   * endpoint as the model, also a self-hosted one.
   */
  readonly moderation: 'auto' | 'openai' | 'local' | 'off'
}

/** What this room needs of the others. */
export interface AiParts {
  readonly log: Log
  readonly clock: Clock
}

/**
 * Chooses model and moderator. A key or an address makes it the configured model, for good: when
 * that fails, replies fail, and no script takes its place.
 *
 * @throws {Error} when `openai` moderation is asked for without an endpoint to ask.
 */
export function createAi(config: AiConfig, parts: AiParts): { model: Model; moderator: Moderator } {
  const configured = config.apiKey !== null || config.baseUrl !== null
  return {
    model: configured ? chooseModel(config, parts) : createScriptModel(parts),
    moderator: chooseModerator(config, parts, configured),
  }
}

function chooseModel(config: AiConfig, parts: AiParts): Model {
  const { maxReplyTokens: maxOutputTokens } = config
  return createOpenAiModel({ ...config, ...parts, ...(maxOutputTokens && { limits: { maxOutputTokens } }) })
}

function chooseModerator(config: AiConfig, parts: AiParts, configured: boolean): Moderator {
  const { apiKey, baseUrl, moderation } = config
  if (moderation === 'off') return { name: 'off', check: async () => ({ flagged: false }) }
  const official = apiKey !== null && isOpenAi(baseUrl)
  if (moderation === 'local' || (moderation === 'auto' && !official)) return createWordModerator()
  if (!configured) throw new Error('MODERATION=openai needs OPENAI_API_KEY or OPENAI_BASE_URL')
  return createOpenAiModerator({ apiKey, baseUrl, ...parts })
}
