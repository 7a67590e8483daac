import { type Change, limits, type Message, type Page } from '@parley/protocol'
import { settlePending } from './pending.ts'
import { branchOf, keepList, keepSame, mergeRows } from './rows.ts'
import { hasEnded, type LiveText, type SessionState } from './state.ts'

/** Changes that are held behind a gap, at most; a sync brings what did not fit in. */
const HELD_CHANGES = 64

/**
 * Takes in a change [M3]: applied if it follows, ignored if it is known, else held until what it
 * follows arrives. `clientMessageId`: the pending message that it commits.
 */
export function applyChange(state: SessionState, change: Change, clientMessageId?: string): SessionState {
  const told = clientMessageId === undefined ? state : confirm(state, clientMessageId, change.revision)
  if (change.revision <= told.revision) return settlePending(told)
  if (change.prevRevision !== told.revision) return hold(told, change)
  return settlePending(applyHeld(commit(told, change)))
}

/** Takes in all that changed since a revision that is held. */
export function applyCatchUp(state: SessionState, change: Change): SessionState {
  if (change.revision <= state.revision || change.prevRevision > state.revision) return state
  return settlePending(applyHeld(commit(state, change)))
}

/**
 * Takes in the choice of another branch with the page that shows it. The page is used only if the state
 * is at its revision: else what it says may be out of date, and the branch is fetched if it is missing.
 */
export function applySelected(state: SessionState, change: Change, page: Page): SessionState {
  const next = applyChange(state, change)
  if (!next.branchMissing || next.revision !== change.revision) return next
  const rows = mergeRows(next.rows, page.messages)
  const branch = branchOf(rows, next.session.activeLeafId)
  if (!branch || page.messages.at(-1)?.id !== next.session.activeLeafId) return next
  const hasMore = branch.length > page.messages.length ? isCutOff(branch) : page.hasMore
  const live = dropEnded(next.live, rows)
  const messages = keepList(next.messages, branch)
  return settlePending({ ...next, rows, live, messages, hasMore, branchMissing: false })
}

/** Whether a branch does not begin with the first message of its session. */
export function isCutOff(branch: readonly Message[]): boolean {
  const first = branch[0]
  return first !== undefined && first.parentId !== null
}

/** Drops the held changes that are known by now and applies those that follow. */
export function applyHeld(state: SessionState): SessionState {
  let current = state
  const left: Change[] = []
  for (const change of state.heldChanges) {
    if (change.revision <= current.revision) continue
    if (change.prevRevision === current.revision) current = commit(current, change)
    else left.push(change)
  }
  const heldChanges = left.filter((change) => change.revision > current.revision)
  return heldChanges.length === state.heldChanges.length ? current : { ...current, heldChanges }
}

/** Texts of replies that are still being written, or of which no row is held. */
export function dropEnded(
  live: ReadonlyMap<string, LiveText>,
  rows: ReadonlyMap<string, Message>,
): ReadonlyMap<string, LiveText> {
  const kept = [...live].filter(([id]) => {
    const row = rows.get(id)
    return !row || !hasEnded(row)
  })
  return kept.length === live.size ? live : new Map(kept)
}

function commit(state: SessionState, change: Change): SessionState {
  const rows = mergeRows(state.rows, change.messages)
  // An answer to a repeat carries rows and session as they stand now, which may be later than it.
  const heardRevision = Math.max(state.heardRevision, change.revision, change.session.revision)
  const current = change.session.revision <= change.revision
  const session = current ? keepSame(state.session, change.session) : state.session
  const next = { ...state, rows, session, heardRevision, revision: change.revision }
  return showBranch({ ...next, live: dropEnded(state.live, rows) })
}

function showBranch(state: SessionState): SessionState {
  const branch = branchOf(state.rows, state.session.activeLeafId)
  // A few rows of another branch are less than the page that a join would bring [S1].
  const isHeld = branch && (branch[0]?.id === state.messages[0]?.id || holdsPage(branch))
  if (!isHeld) {
    const messages = state.messages.map((row) => state.rows.get(row.id) ?? row)
    return { ...state, messages: keepList(state.messages, messages), branchMissing: true }
  }
  const messages = keepList(state.messages, branch)
  const hasMore = messages[0]?.id === state.messages[0]?.id ? state.hasMore : isCutOff(messages)
  // A branch that leaves the earlier one far up is shown at once, but it is less than a page all the same.
  const isShorter = state.branchMissing || messages.length < state.messages.length
  return { ...state, messages, hasMore, branchMissing: isShorter && !holdsPage(messages) }
}

function holdsPage(branch: readonly Message[]): boolean {
  return branch.length >= limits.pageMessages || !isCutOff(branch)
}

function hold(state: SessionState, change: Change): SessionState {
  const heardRevision = Math.max(state.heardRevision, change.revision)
  const known = state.heldChanges.some((other) => other.revision === change.revision)
  if (known || state.heldChanges.length >= HELD_CHANGES) {
    return heardRevision === state.heardRevision ? state : { ...state, heardRevision }
  }
  const after = state.heldChanges.findIndex((other) => other.revision > change.revision)
  const heldChanges =
    after < 0 ? [...state.heldChanges, change] : state.heldChanges.toSpliced(after, 0, change)
  return { ...state, heldChanges, heardRevision }
}

function confirm(state: SessionState, clientMessageId: string, committedAt: number): SessionState {
  if (!state.pending.some((entry) => entry.clientMessageId === clientMessageId)) return state
  const pending = state.pending.map((entry) =>
    entry.clientMessageId === clientMessageId ? { ...entry, committedAt } : entry,
  )
  return { ...state, pending }
}
