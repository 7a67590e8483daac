import { type ChatClient, type ChatSession, createChatClient } from '@parley/client'

/** A client as the page has it, with a session open. */
export interface Tab {
  readonly client: ChatClient
  readonly session: ChatSession
  /** What it shows, as far as a fresh join shows it too. */
  shown(): object
}

/** Connects to a node that trusts claims, and opens a session. */
export async function openTab(
  url: string,
  userId: string,
  request: { readonly sessionId?: string; readonly fresh?: boolean } = {},
): Promise<Tab> {
  const client = createChatClient({ url, credentials: async () => ({ userId }) })
  const session = await client.join({ personaId: 'wren', ...request })
  return {
    client,
    session,
    shown: () => {
      const { revision, session: info, messages } = session.state.get()
      return { revision, info, messages }
    },
  }
}

/** What somebody who opens the session now is shown. */
export async function freshView(url: string, userId: string, { session }: Tab): Promise<object> {
  const tab = await openTab(url, userId, { sessionId: session.id })
  tab.client.close()
  return tab.shown()
}

/** Says something and waits for the end of the reply. */
export async function talk({ session }: Tab, content: string): Promise<void> {
  await session.finishedReply(await session.send(content))
}
