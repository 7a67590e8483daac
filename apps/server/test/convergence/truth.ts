import { type ChatClient, createChatClient, type SessionState } from '@parley/client'
import { limits, type Message, type Session } from '@parley/protocol'
import { dataOf, openTalk } from '../replies/talk.ts'

/** A session as the server has it: all of its messages, and what a fresh client is shown. */
export interface Truth {
  readonly session: Session
  readonly rows: ReadonlyMap<string, Message>
  /** The shown branch from its first message on. */
  readonly branch: readonly Message[]
  readonly fresh: SessionState
}

/** Whose session with whom, and where. */
export interface Place {
  readonly url: string
  readonly userId: string
  readonly personaId: string
}

/** Reads everything there is of a session, over connections of its own. */
export async function readTruth({ url, userId, personaId }: Place): Promise<Truth> {
  const talk = await openTalk(url, { userId, personaId })
  const client = createChatClient({ url, credentials: async () => ({ userId }), transports: ['websocket'] })
  try {
    const { sessionId } = talk
    const answer = dataOf(await talk.ask('chat:sync', { sessionId, afterRevision: 0 }))
    if (answer.reset) throw new Error(`a run made more than ${limits.syncChanges} changes`)
    const { session, messages } = answer.change
    const rows = new Map(messages.map((row) => [row.id, row]))
    return { session, rows, branch: branchOf(rows, session), fresh: await freshState(client, personaId) }
  } finally {
    talk.close()
    client.close()
  }
}

async function freshState(client: ChatClient, personaId: string): Promise<SessionState> {
  const session = await client.join({ personaId })
  return session.state.get()
}

function branchOf(rows: ReadonlyMap<string, Message>, { activeLeafId }: Session): Message[] {
  const branch: Message[] = []
  for (let id = activeLeafId; id !== null; ) {
    const row = rows.get(id)
    if (!row) throw new Error(`the shown branch has no message ${id}`)
    branch.unshift(row)
    id = row.parentId
  }
  return branch
}
