/** Every limit of this room, in one place. The unit is part of the name. */
export const aiLimits = {
  /**
   * What a model may write in one reply. Thirty seconds at a hundred tokens a second bring about
   * 3,000; the rest is room for the hidden reasoning that counts against it on models that think
   * first, and 4,096 is what the oldest models still in service accept.
   */
  maxOutputTokens: 4_096,
  /** Further tries after a failure that may pass. */
  retries: 2,
  /** Pause before the first retry; doubles with each. Up to half of it is taken off at random. */
  retryBaseMs: 250,
  /** A provider that asks for a longer wait than this is not waited for. */
  retryAfterMaxMs: 8_000,
  /** How long a stream may stay open after the model said why it finished. */
  endGraceMs: 500,
  /** Time for one try of a moderation request: three of them fit into the wait of a client. */
  moderationTimeoutMs: 3_000,
  /** Pace of a demo script: about thirty words a second. */
  scriptWordMs: 33,
} as const

/** @see aiLimits */
export type AiLimits = { readonly [K in keyof typeof aiLimits]: number }
