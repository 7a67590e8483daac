import { codePointLength } from '@parley/protocol'
import { ChatFailure } from './failure.ts'
import { DEFAULT_USER, resolveNames } from './persona.ts'
import type { ContextMessage, PersonaVersion, PromptMessage } from './ports.ts'

/** What a prompt may hold. */
export interface PromptBudget {
  /** Earlier messages at most, the newest included. */
  readonly messages: number
  /** Unicode code points at most, the instructions included. */
  readonly codePoints: number
  /** Code points of it that earlier messages leave free, for an answer that goes on from its beginning. */
  readonly reserved?: number
}

/** What went into a prompt and what did not, for the operator and the persona's author. */
export interface PromptTrace {
  readonly personaVersionId: string
  readonly codePoints: number
  readonly included: number
  readonly trimmed: readonly { readonly index: number; readonly reason: 'messages' | 'budget' }[]
}

/** A prompt and how it came about. */
export interface Prompt {
  readonly messages: readonly PromptMessage[]
  readonly trace: PromptTrace
}

/**
 * The same prompt for a model that goes on from `prefix`, the beginning of its own answer. It stands last
 * and is never merged with what is before it: the answer must continue it letter by letter.
 */
export function continueFrom(prompt: Prompt, prefix: string): Prompt {
  if (prefix === '') return prompt
  return { ...prompt, messages: [...prompt.messages, { role: 'assistant', content: prefix }] }
}

/**
 * Builds what the model is asked [R1]: the persona's instructions, never trimmed, then the newest
 * messages that fit, oldest first. Neighbours of one role are merged and empty messages dropped, since
 * many models insist on alternating roles.
 *
 * @param person how the persona calls the person it talks with; null for its own word.
 * @throws {ChatFailure} `INVALID_PAYLOAD` when the newest message does not fit beside the instructions.
 */
export function buildPrompt(
  version: PersonaVersion,
  person: string | null,
  context: readonly ContextMessage[],
  budget: PromptBudget,
): Prompt {
  const instructions = resolveNames(version.instructions, {
    char: version.name,
    user: person ?? DEFAULT_USER,
  })
  const said = context
    .map((message, index) => ({ ...message, index }))
    .filter(({ content }) => content !== '')
  const recent = said.slice(-budget.messages)
  let left = budget.codePoints - codePointLength(instructions)
  let first = recent.length
  while (first > 0) {
    const candidate = recent[first - 1]
    const length = candidate ? codePointLength(candidate.content) + gap(candidate, recent[first]) : 0
    const free = first === recent.length ? left : left - (budget.reserved ?? 0)
    if (length > free) break
    left -= length
    first--
  }
  if (recent.length > 0 && first === recent.length) throw new ChatFailure('INVALID_PAYLOAD')
  return {
    messages: [{ role: 'system', content: instructions }, ...merge(recent.slice(first))],
    trace: {
      personaVersionId: version.id,
      codePoints: budget.codePoints - left,
      included: recent.length - first,
      trimmed: [
        ...said.slice(0, -budget.messages).map(({ index }) => ({ index, reason: 'messages' as const })),
        ...recent.slice(0, first).map(({ index }) => ({ index, reason: 'budget' as const })),
      ],
    },
  }
}

const SEPARATOR = '\n\n'

/** Code points that merging two neighbours adds. */
function gap(older: ContextMessage, newer: ContextMessage | undefined): number {
  return newer?.sender === older.sender ? SEPARATOR.length : 0
}

function merge(messages: readonly ContextMessage[]): PromptMessage[] {
  const merged: PromptMessage[] = []
  for (const { sender, content } of messages) {
    const role = sender === 'user' ? 'user' : 'assistant'
    const last = merged.at(-1)
    if (last?.role === role)
      merged[merged.length - 1] = { role, content: `${last.content}${SEPARATOR}${content}` }
    else merged.push({ role, content })
  }
  return merged
}
