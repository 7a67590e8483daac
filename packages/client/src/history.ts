import type { Page } from '@parley/protocol'
import { settlePending } from './pending.ts'
import { branchOf, keepList, mergeRows } from './rows.ts'
import type { SessionState } from './state.ts'

/** Takes in an older page, if the shown branch still begins where the page ends. */
export function applyHistory(state: SessionState, beforeSeq: number, page: Page): SessionState {
  if (state.messages[0]?.seq !== beforeSeq) return state
  const rows = mergeRows(state.rows, page.messages)
  const branch = branchOf(rows, state.session.activeLeafId) ?? state.messages
  const messages = keepList(state.messages, branch)
  return settlePending({ ...state, rows, messages, hasMore: page.hasMore })
}
