import type { Clock, DemoScript, Model, ModelEvent, ModelRequest, PromptMessage } from '../chat/ports.ts'
import { type AiLimits, aiLimits } from './limits.ts'
import { pause } from './pause.ts'

/** What {@link createScriptModel} needs; `limits` replaces single values of `aiLimits`. */
export interface ScriptModelOptions {
  readonly clock: Clock
  readonly limits?: Partial<Pick<AiLimits, 'scriptWordMs'>>
}

/**
 * Lets personas speak the lines of their own demo script while no model is connected, word by word
 * as a model would. An aborted signal ends the iteration without `end`.
 */
export function createScriptModel(options: ScriptModelOptions): Model {
  const wordMs = options.limits?.scriptWordMs ?? aiLimits.scriptWordMs
  return {
    name: 'demo script',
    demo: true,
    stream: (request, signal) => speak(pickLine(request), wordMs, options.clock, signal),
  }
}

/** The line of a persona's script that answers a conversation. */
export function pickLine(request: ModelRequest): string {
  const { script } = request.persona
  const question = request.messages.findLast((message) => message.role === 'user')?.content ?? ''
  const answer = script.answers.find(({ words }) => words.some((word) => hasWord(question, word)))
  return answer?.text ?? nextOtherwise(script, request.messages)
}

/**
 * Goes on after the line said last. Counting the earlier turns would not do: a prompt holds only the
 * newest ones, so in a long conversation their number, and with it the line, would stay the same.
 */
function nextOtherwise(script: DemoScript, messages: readonly PromptMessage[]): string {
  const said = messages.filter((message) => message.role === 'assistant').reverse()
  for (const { content } of said) {
    const last = script.otherwise.findIndex((line) => isSaid(line, content))
    if (last !== -1) return script.otherwise[(last + 1) % script.otherwise.length] ?? ''
  }
  return script.otherwise[0] ?? ''
}

/** A stopped reply holds only the beginning of its line. */
function isSaid(line: string, content: string): boolean {
  return content !== '' && (line.startsWith(content) || content.endsWith(line))
}

function hasWord(text: string, word: string): boolean {
  const literal = word.normalize('NFC').replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&')
  const edge = String.raw`[\p{L}\p{M}\p{N}_]`
  return new RegExp(`(?<!${edge})${literal}(?!${edge})`, 'iu').test(text.normalize('NFC'))
}

async function* speak(
  line: string,
  wordMs: number,
  clock: Clock,
  signal: AbortSignal,
): AsyncGenerator<ModelEvent> {
  for (const text of line.match(/^\s+|\S+\s*/gu) ?? []) {
    if (!(await pause(clock, wordMs, signal))) return
    yield { type: 'text', text }
  }
  if (!signal.aborted) yield { type: 'end', reason: 'stop', usage: null }
}
