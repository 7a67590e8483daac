import { createChatClient } from '@parley/client'
import { type Chat, createChat } from '../chat/create-chat.ts'
import { browserPages } from '../chat/pages.ts'
import { createStoredOutbox } from '../chat/stored-outbox.ts'
import { createGuest } from './guest.ts'

/** Connects the page to its own server, as the guest of this browser. */
export function createAppChat(): Chat {
  const guest = createGuest('')
  const outbox = createStoredOutbox(() => localStorage, browserPages())
  const client = createChatClient({
    url: '',
    credentials: guest.credentials,
    isWatched: () => document.visibilityState === 'visible',
    outbox,
  })
  client.connection.subscribe(() => {
    if (client.connection.get().status === 'signed-out') guest.forget()
  })
  window.addEventListener('online', () => client.wake())
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'visible') client.wake()
  })
  return createChat(client, outbox)
}
