import type { ChatError } from './errors.ts'
import { findByClientMessageId, type PendingMessage, type SessionState } from './state.ts'

/** What happens to a message that was sent from here, until it is committed. */
export type PendingInput =
  | {
      readonly type: 'pending'
      readonly clientMessageId: string
      readonly content: string
      /** The message in whose place it is to stand; absent or null: none. */
      readonly replaces?: string | null
      readonly status: 'queued' | 'sending'
      /** Why the server refused it for now; absent or null: it did not. */
      readonly error?: ChatError | null
      /** When it is sent again, then. */
      readonly nextTryAt?: number | null
    }
  | {
      readonly type: 'rejected'
      readonly clientMessageId: string
      readonly error: ChatError
      /** From when on the server may take it, if that is known. */
      readonly nextTryAt?: number | null
    }
  | { readonly type: 'discarded'; readonly clientMessageId: string }

/** Adds or changes a pending message; one that is committed already is not shown again. */
export function applyPending(state: SessionState, input: PendingInput): SessionState {
  const held = state.pending.find((entry) => entry.clientMessageId === input.clientMessageId)
  if (input.type === 'pending') {
    if (!held && findByClientMessageId(state.rows.values(), input.clientMessageId)) return state
    const { clientMessageId, content, replaces = null, status, error = null, nextTryAt = null } = input
    const entry: PendingMessage = {
      clientMessageId,
      content,
      replaces,
      status,
      error,
      nextTryAt,
      committedAt: null,
    }
    return { ...state, pending: held ? replace(state, entry) : [...state.pending, entry] }
  }
  if (!held) return state
  if (input.type === 'rejected') {
    const { error, nextTryAt = null } = input
    const failed: PendingMessage = { ...held, status: 'failed', error, nextTryAt }
    return { ...state, pending: replace(state, failed) }
  }
  return { ...state, pending: state.pending.filter((entry) => entry !== held) }
}

/** Drops the pending messages that are committed and known, by whatever way that came. */
export function settlePending(state: SessionState): SessionState {
  if (state.pending.length === 0) return state
  const committed = new Set<string>()
  for (const row of state.rows.values()) if (row.clientMessageId) committed.add(row.clientMessageId)
  const pending = state.pending.filter(
    (entry) =>
      !committed.has(entry.clientMessageId) &&
      (entry.committedAt === null || entry.committedAt > state.revision),
  )
  return pending.length === state.pending.length ? state : { ...state, pending }
}

function replace(state: SessionState, entry: PendingMessage): readonly PendingMessage[] {
  return state.pending.map((other) => (other.clientMessageId === entry.clientMessageId ? entry : other))
}
