import { limits } from '@parley/protocol'

/** Waiting times and bounds of a client, so that a test can shorten them. All in milliseconds. */
export interface Timing {
  /** How long a socket may take until it is connected. */
  readonly connectTimeoutMs: number
  /** How long any request, and the page's `credentials`, may take. */
  readonly requestTimeoutMs: number
  /** Reconnections that are tried before the state is `offline`; not a time. */
  readonly reconnectAttempts: number
  /** Longest wait before the first attempt, also of a request that was refused; doubles with each one. */
  readonly reconnectBaseMs: number
  /** The doubling ends here. */
  readonly reconnectMaxMs: number
  /** Longest wait between attempts while the state is `offline`; the shortest is half of it. */
  readonly slowRetryMs: number
  /** How long a connection must have been online before the reconnections are counted anew. */
  readonly stableMs: number
  /** How long a gap may stay before the client syncs. */
  readonly gapHoldMs: number
  /** Shortest time between two syncs of a session. */
  readonly flushMs: number
  /**
   * How often one message, or one join, may be lost with its line before it has failed; not a time.
   */
  readonly sendTries: number
  /**
   * How long a message, or a session that is joined again, is tried again on one line while the server
   * refuses it for now. Longer than a server may take to shut down.
   */
  readonly patienceMs: number
}

/** What a client uses unless it is told otherwise. */
export const defaultTiming: Timing = {
  connectTimeoutMs: 10_000,
  requestTimeoutMs: limits.requestTimeoutMs,
  reconnectAttempts: limits.reconnectAttempts,
  reconnectBaseMs: 500,
  reconnectMaxMs: 8_000,
  slowRetryMs: 30_000,
  stableMs: 5_000,
  gapHoldMs: limits.gapHoldMs,
  flushMs: limits.flushMs,
  sendTries: 3,
  patienceMs: 60_000,
}

/** Wait before `attempt` (from 1): doubling, and anything from half of it to all. */
export function backoffMs(attempt: number, timing: Timing): number {
  const longest = Math.min(timing.reconnectMaxMs, timing.reconnectBaseMs * 2 ** (attempt - 1))
  return spread(longest)
}

/** Anything from half of a wait to all of it, so that clients which were cut off together come back apart. */
export function spread(longestMs: number): number {
  return longestMs * (0.5 + Math.random() / 2)
}
