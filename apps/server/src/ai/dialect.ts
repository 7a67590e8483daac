import { APIError } from 'openai'

const capNames = ['max_completion_tokens', 'max_tokens', 'none'] as const

/** How a server wants to be told the most that a reply may hold; `none`: it takes no limit. */
export type CapName = (typeof capNames)[number]

/** What a server understands of the parameters that not every server does. */
export interface Dialect {
  readonly cap: CapName
  /** Whether it may be asked to count the tokens of a stream. */
  readonly streamOptions: boolean
}

/**
 * The next dialect to try after `error`, or null when the error is not about a parameter that can
 * be said differently. `triedCaps` holds the names that this request has used.
 */
export function nextDialect(
  dialect: Dialect,
  triedCaps: ReadonlySet<CapName>,
  error: unknown,
): Dialect | null {
  const complaint = complaintOf(error)
  if (complaint === null) return null
  if (dialect.streamOptions && complaint.includes('stream_options')) {
    return { ...dialect, streamOptions: false }
  }
  if (!/max_(completion_)?tokens/.test(complaint)) return null
  const cap = capNames.find((name) => !triedCaps.has(name))
  return cap === undefined ? null : { ...dialect, cap }
}

/** What is worth remembering for later requests: that one prompt left no room is not. */
export function rememberedDialect(before: Dialect, worked: Dialect): Dialect {
  return worked.cap === 'none' ? { ...worked, cap: before.cap } : worked
}

/** The parameters of a chat completion in this dialect. */
export function dialectParameters(dialect: Dialect, maxOutputTokens: number) {
  return {
    ...(dialect.cap === 'max_completion_tokens' && { max_completion_tokens: maxOutputTokens }),
    ...(dialect.cap === 'max_tokens' && { max_tokens: maxOutputTokens }),
    ...(dialect.streamOptions && { stream_options: { include_usage: true } }),
  }
}

function complaintOf(error: unknown): string | null {
  if (!(error instanceof APIError) || (error.status !== 400 && error.status !== 422)) return null
  return `${error.param ?? ''} ${error.message} ${JSON.stringify(error.error ?? null)}`
}
