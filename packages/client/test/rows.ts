import type { Change, Delta, Message, Session, Snapshot } from '@parley/protocol'

const AT = '2026-01-01T00:00:00.000Z'

/** A message as a server would send it; a user's message unless told otherwise. */
export function messageRow(id: string, seq: number, over: Partial<Message> = {}): Message {
  return {
    id,
    sender: 'user',
    content: `content of ${id}`,
    createdAt: AT,
    sessionId: 's1',
    parentId: null,
    seq,
    revision: seq,
    status: 'complete',
    siblingIds: [id],
    clientMessageId: null,
    replyId: null,
    personaVersionId: null,
    finishReason: null,
    error: null,
    demo: false,
    ...over,
  }
}

/** The row of a reply; live and empty unless told otherwise. */
export function replyRow(id: string, seq: number, parentId: string, over: Partial<Message> = {}): Message {
  const row = messageRow(id, seq, { sender: 'ai', content: '', status: 'live', parentId })
  return { ...row, personaVersionId: 'v1', ...over }
}

export function sessionRow(
  revision: number,
  activeLeafId: string | null,
  over: Partial<Session> = {},
): Session {
  return {
    id: 's1',
    personaId: 'p1',
    title: null,
    revision,
    activeLeafId,
    createdAt: AT,
    updatedAt: AT,
    ...over,
  }
}

/** A session of a greeting and nothing else, at revision 1. */
export function greeted(over: Partial<Snapshot> = {}): Snapshot {
  const greeting = replyRow('greeting', 1, 'none', { parentId: null, status: 'complete', content: 'Hello.' })
  return { session: sessionRow(1, 'greeting'), messages: [greeting], hasMore: false, live: null, ...over }
}

/** A turn: message `m<n>` and its reply `r<n>`, committed behind `prevRevision`. */
export function turn(n: number, prevRevision: number, parentId: string, over: Partial<Message> = {}): Change {
  const message = messageRow(`m${n}`, prevRevision + 1, { parentId, replyId: `r${n}`, ...over })
  const reply = replyRow(`r${n}`, prevRevision + 2, `m${n}`)
  return change(prevRevision, prevRevision + 2, `r${n}`, [message, reply])
}

export function change(prevRevision: number, revision: number, leafId: string, messages: Message[]): Change {
  return { prevRevision, revision, session: sessionRow(revision, leafId), messages }
}

export function delta(replyId: string, epoch: number, offset: number, text: string, start?: boolean): Delta {
  const piece = { sessionId: 's1', replyId, epoch, offset, text }
  return start === undefined ? piece : { ...piece, start }
}
