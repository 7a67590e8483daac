import type { Message } from '@parley/protocol'
import type { Line } from './line.ts'
import type { SessionInput } from './reducer.ts'
import { hasEnded, type SessionState } from './state.ts'

/** What stopping a reply needs of its session. */
export interface StopHost {
  readonly id: string
  readonly state: { get(): SessionState }
  dispatch(input: SessionInput): void
  /** The line of now. @throws {ChatError} if there is none. */
  open(): Line
}

/** @see ChatSession.stop */
export async function stopReply(host: StopHost, replyId?: string): Promise<Message | null> {
  const rows = host.state.get().rows
  const row = replyId === undefined ? liveReply(rows.values()) : rows.get(replyId)
  const target = row?.id ?? replyId
  if (target === undefined) return null
  if (row && hasEnded(row)) return row
  const reply = await host.open().request('chat:stop', { sessionId: host.id, replyId: target })
  // Its change arrives as an event of its own; if it does not, a sync fetches it.
  host.dispatch({ type: 'heard', revision: reply.revision })
  return reply
}

function liveReply(rows: Iterable<Message>): Message | undefined {
  for (const row of rows) if (row.status === 'live') return row
  return undefined
}
