import type {
  AckData,
  Change,
  ClientEvents,
  Delta,
  Page,
  Payload,
  ServerEvents,
  Session,
  Snapshot,
} from '@parley/protocol'
import { applyChange, applySelected } from './changes.ts'
import { applyDelta, emptyText } from './deltas.ts'
import type { ChatError } from './errors.ts'
import { isUnknownReply, liveWith, withNeed } from './gaps.ts'
import { applyHistory } from './history.ts'
import { applyPending, type PendingInput } from './pending.ts'
import { keepSame } from './rows.ts'
import { applyJoined, applySynced } from './snapshot.ts'
import { hasEnded, type SessionState } from './state.ts'

/** Everything that changes what is known of a session. */
export type SessionInput =
  /** A join's answer: the truth of a new connection; pieces that arrived before it follow it. */
  | { readonly type: 'joined'; readonly snapshot: Snapshot }
  /** The answer to a sync that asked for what came after `afterRevision`. */
  | {
      readonly type: 'synced'
      readonly afterRevision: number
      readonly answer: AckData<ClientEvents, 'chat:sync'>
    }
  /** A committed change; `clientMessageId` if it is the answer to a message sent from here. */
  | { readonly type: 'change'; readonly change: Change; readonly clientMessageId?: string }
  /** The answer to the choice of a branch: its change and the newest page of what is shown now. */
  | { readonly type: 'selected'; readonly change: Change; readonly page: Page }
  | { readonly type: 'response'; readonly response: Payload<ServerEvents, 'chat:response'> }
  | { readonly type: 'delta'; readonly delta: Delta }
  /** An older page: what comes before the message whose `seq` is `beforeSeq`. */
  | { readonly type: 'history'; readonly beforeSeq: number; readonly page: Page }
  | { readonly type: 'session'; readonly session: Session }
  /** Something spoke of a revision without saying what it changed. */
  | { readonly type: 'heard'; readonly revision: number }
  /** The session cannot be used any more, or (null) it can again. */
  | { readonly type: 'fault'; readonly error: ChatError | null }
  | PendingInput

/** The state of a session that was joined for the first time. */
export function openState(snapshot: Snapshot): SessionState {
  const { session } = snapshot
  const nothing: SessionState = {
    session,
    revision: -1,
    messages: [],
    hasMore: false,
    live: new Map(),
    pending: [],
    need: null,
    fault: null,
    rows: new Map(),
    heldChanges: [],
    heardRevision: 0,
    branchMissing: false,
  }
  return reduce(nothing, { type: 'joined', snapshot })
}

/**
 * The state after one input. Pure; never throws; an input that brings nothing new returns `state`
 * itself. What is missing afterwards is in `need`; the caller decides when to fetch it.
 */
export function reduce(state: SessionState, input: SessionInput): SessionState {
  return withNeed(apply(state, input))
}

function apply(state: SessionState, input: SessionInput): SessionState {
  switch (input.type) {
    case 'joined':
      return keepSame(state, applyJoined(state, input.snapshot))
    case 'synced':
      return keepSame(state, applySynced(state, input.afterRevision, input.answer))
    case 'change':
      return applyChange(state, input.change, input.clientMessageId)
    case 'selected':
      return applySelected(state, input.change, input.page)
    case 'response': {
      const { change, ...message } = input.response
      return applyChange(state, { ...change, messages: [message, ...change.messages] })
    }
    case 'delta':
      return takeDelta(state, input.delta)
    case 'history':
      return applyHistory(state, input.beforeSeq, input.page)
    case 'session':
      return takeSession(state, input.session)
    case 'heard':
      return input.revision > state.heardRevision ? { ...state, heardRevision: input.revision } : state
    case 'fault':
      return input.error === state.fault ? state : { ...state, fault: input.error }
    default:
      return applyPending(state, input)
  }
}

/** Replies of which nothing but pieces is known, at most; more of them are dropped. */
const UNKNOWN_REPLIES = 8

function takeDelta(state: SessionState, delta: Delta): SessionState {
  const row = state.rows.get(delta.replyId)
  if (row && hasEnded(row)) return state
  const held = state.live.get(delta.replyId)
  if (!held && !row) {
    let unknown = 0
    for (const id of state.live.keys()) if (isUnknownReply(state, id)) unknown++
    if (unknown >= UNKNOWN_REPLIES) return state
  }
  const before = held ?? emptyText(delta.replyId)
  const after = applyDelta(before, delta)
  return after === held ? state : { ...state, live: liveWith(state.live, after) }
}

function takeSession(state: SessionState, session: Session): SessionState {
  if (session.revision > state.revision) {
    return session.revision > state.heardRevision ? { ...state, heardRevision: session.revision } : state
  }
  if (session.revision < state.revision) return state
  const kept = keepSame(state.session, session)
  return kept === state.session ? state : { ...state, session: kept }
}
