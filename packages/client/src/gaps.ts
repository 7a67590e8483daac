import type { LiveText, Need, SessionState } from './state.ts'

/** A reply whose start was never heard of: its row is not held, or still waits. */
export function isUnknownReply(state: SessionState, replyId: string): boolean {
  return state.rows.get(replyId)?.status !== 'live'
}

/** `live` with one reply's text in it. */
export function liveWith(live: ReadonlyMap<string, LiveText>, text: LiveText): ReadonlyMap<string, LiveText> {
  return new Map(live).set(text.replyId, text)
}

/** `state` with `need` as it follows from the rest. */
export function withNeed(state: SessionState): SessionState {
  const need = needOf(state)
  return need === state.need ? state : { ...state, need }
}

function needOf(state: SessionState): Need {
  if (state.branchMissing) return 'page'
  if (state.heardRevision > state.revision) return 'sync'
  for (const text of state.live.values()) {
    if (text.held.length > 0 || isUnknownReply(state, text.replyId)) return 'sync'
  }
  return null
}
