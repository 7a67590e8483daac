import type { Snapshot } from '@parley/protocol'
import type { Line } from './line.ts'
import type { SessionInput } from './reducer.ts'
import type { SessionState } from './state.ts'

/**
 * What brings a state up to date with the join that answered `snapshot`. A join brings the newest page;
 * older rows that are held stay right only through a sync.
 *
 * @throws {ChatError}
 */
export async function catchUp(line: Line, state: SessionState, snapshot: Snapshot): Promise<SessionInput> {
  const { messages, revision } = state
  const firstHeld = messages[0]?.seq ?? Number.POSITIVE_INFINITY
  const holdsOlder = firstHeld < (snapshot.messages[0]?.seq ?? 0)
  if (holdsOlder && snapshot.session.revision > revision) {
    const sessionId = snapshot.session.id
    const answer = await line.request('chat:sync', { sessionId, afterRevision: revision })
    if (!answer.reset) return { type: 'synced', afterRevision: revision, answer }
    return { type: 'joined', snapshot: answer }
  }
  return { type: 'joined', snapshot }
}
