import type { AckData, ClientEvents, Snapshot } from '@parley/protocol'
import { applyCatchUp, applyHeld, dropEnded, isCutOff } from './changes.ts'
import { applySaved, emptyText } from './deltas.ts'
import { isUnknownReply, liveWith } from './gaps.ts'
import { settlePending } from './pending.ts'
import { branchOf, keepList, keepSame, mergeRows, replaceRows } from './rows.ts'
import type { SessionState } from './state.ts'

type SyncAnswer = AckData<ClientEvents, 'chat:sync'>

/** Takes a join's answer as the truth, also where it is older than what is held. */
export function applyJoined(state: SessionState, snapshot: Snapshot): SessionState {
  const fresh = { ...state, fault: null, heldChanges: [], heardRevision: snapshot.session.revision }
  return takeSnapshot(fresh, snapshot)
}

/** Takes the answer to a sync that asked for what came after `afterRevision`. */
export function applySynced(state: SessionState, afterRevision: number, answer: SyncAnswer): SessionState {
  if (!answer.reset) return applySavedLive(applyCatchUp(state, answer.change), answer.live)
  const { revision } = answer.session
  // Events that came while the answer was on its way may be ahead of it. A server that is behind what
  // it was asked for has lost the rest, and so must the client.
  const stale = revision < state.revision && revision >= afterRevision
  return stale
    ? applySavedLive(state, answer.live)
    : takeSnapshot(forget(state, afterRevision, answer), answer)
}

function forget(state: SessionState, afterRevision: number, snapshot: Snapshot): SessionState {
  if (snapshot.session.revision >= afterRevision) return state
  return { ...state, heldChanges: [], heardRevision: snapshot.session.revision }
}

function takeSnapshot(state: SessionState, snapshot: Snapshot): SessionState {
  const { revision } = snapshot.session
  // Other rows are kept only if nothing changed: they may have, and a page does not tell.
  const keepsOlder = revision === state.revision
  const rows = keepsOlder
    ? mergeRows(state.rows, snapshot.messages)
    : replaceRows(state.rows, snapshot.messages)
  const branch = branchOf(rows, snapshot.session.activeLeafId) ?? snapshot.messages
  const keptTop = keepsOlder && branch.length > snapshot.messages.length
  const isSameTop = branch[0]?.id === state.messages[0]?.id
  const taken = {
    ...state,
    rows,
    revision,
    session: keepSame(state.session, snapshot.session),
    messages: keepList(state.messages, branch),
    hasMore: keptTop ? (isSameTop ? state.hasMore : isCutOff(branch)) : snapshot.hasMore,
    live: dropEnded(state.live, rows),
    branchMissing: false,
  }
  return applySavedLive(settlePending(applyHeld(taken)), snapshot.live)
}

/** Takes the saved text of the live reply; whatever else only pieces are known of is over. */
function applySavedLive(state: SessionState, saved: Snapshot['live']): SessionState {
  const kept = [...state.live].filter(([id]) => !isUnknownReply(state, id))
  const live = kept.length === state.live.size ? state.live : new Map(kept)
  if (!saved || isUnknownReply(state, saved.replyId)) return live === state.live ? state : { ...state, live }
  const held = live.get(saved.replyId)
  const text = applySaved(held ?? emptyText(saved.replyId), saved)
  if (text === held) return live === state.live ? state : { ...state, live }
  return { ...state, live: liveWith(live, text) }
}
