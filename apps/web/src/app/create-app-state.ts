import { createChatClient } from '@parley/client'
import { type Account, createAccount } from '../account/account.ts'
import { createAccountApi } from '../account/account-api.ts'
import { createPersonChanges } from '../account/person-changes.ts'
import { rememberedAccount, rememberedGuest } from '../account/remembered.ts'
import { type Chat, createChat } from '../chat/create-chat.ts'
import { createDrafts } from '../chat/draft.ts'
import { browserPages } from '../chat/pages.ts'
import { createStoredOutbox } from '../chat/stored-outbox.ts'
import { createGuest, createPersonLock } from './guest.ts'

/** What the page keeps outside of React. */
export interface AppState {
  readonly chat: Chat
  readonly account: Account
}

/** Connects the page to its own server, as whoever is signed in to this browser; else as its guest. */
export function createAppState(): AppState {
  const lock = createPersonLock()
  const outbox = createStoredOutbox(() => localStorage, browserPages())
  const drafts = createDrafts(() => sessionStorage)
  const account = createAccount({
    api: createAccountApi(),
    alone: lock.alone,
    unsent: {
      adopt: outbox.adopt,
      forget: (userId) => {
        outbox.forget(userId)
        drafts.clear()
      },
    },
    lastAccount: rememberedAccount(() => localStorage),
    leavingGuest: rememberedGuest(() => sessionStorage),
    changes: createPersonChanges(),
    go: open,
  })
  const guest = createGuest('', lock, account.mayBeGuest)
  const client = createChatClient({
    url: '',
    credentials: guest.credentials,
    isWatched: () => document.visibilityState === 'visible',
    outbox,
  })
  client.connection.subscribe(() => {
    const { status, identity } = client.connection.get()
    if (status === 'signed-out') guest.forget()
    if (status === 'online' && identity) account.isHere(identity)
  })
  window.addEventListener('online', () => client.wake())
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'visible') client.wake()
  })
  return { chat: createChat(client, outbox, drafts), account }
}

/** Opens an address as if it were the first one. */
function open(address: string): void {
  const isHere = new URL(address, location.href).href === location.href
  if (isHere) location.reload()
  else location.assign(address)
}
