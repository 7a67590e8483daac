import type { PromptMessage } from './ports.ts'

/** UTF-8 bytes to a token: fewer than most texts of most languages have, so that an estimate is rather too high. */
const BYTES_PER_TOKEN = 3
/** Tokens that stand around each message of a prompt. */
const TOKENS_PER_MESSAGE = 8

/** What a call of the model cost, in tokens, where the provider did not count. Migrations estimate in the same way. */
export function estimateTokens(prompt: readonly PromptMessage[], answer: string): number {
  const around = TOKENS_PER_MESSAGE * prompt.length
  return prompt.reduce((sum, { content }) => sum + tokensOf(content), tokensOf(answer) + around)
}

function tokensOf(text: string): number {
  return Math.ceil(Buffer.byteLength(text) / BYTES_PER_TOKEN)
}
