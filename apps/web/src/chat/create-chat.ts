import type { ChatClient } from '@parley/client'
import { createContext, useContext } from 'react'
import type { Drafts } from './draft.ts'
import { createRooms, type Rooms } from './rooms.ts'
import { createSessions, type Sessions } from './sessions.ts'
import type { StoredOutbox } from './stored-outbox.ts'

/** Everything that the chat keeps outside of React, one of each for a page. */
export interface Chat {
  readonly client: ChatClient
  readonly rooms: Rooms
  readonly sessions: Sessions
  readonly drafts: Drafts
  readonly outbox: StoredOutbox
}

/** Makes the chat of a page around its client, the outbox that this uses, and the drafts. */
export function createChat(client: ChatClient, outbox: StoredOutbox, drafts: Drafts): Chat {
  return {
    client,
    outbox,
    rooms: createRooms(client),
    sessions: createSessions(),
    drafts,
  }
}

/** The chat of the page; provided by the app. */
export const ChatContext = createContext<Chat | null>(null)

/** The chat of the page. @throws {Error} outside of its provider. */
export function useChat(): Chat {
  const chat = useContext(ChatContext)
  if (!chat) throw new Error('There is no chat here: ChatContext is not provided.')
  return chat
}
