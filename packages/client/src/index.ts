export type {
  ChatClient,
  ChatClientOptions,
  ChatSession,
  ConnectionState,
  Credentials,
  Identity,
  JoinRequest,
} from './api.ts'
export { createChatClient } from './client.ts'
export { ChatError, type ChatErrorCode } from './errors.ts'
export { type GuestOptions, guestCredentials } from './guest.ts'
export { randomId } from './random-id.ts'
export { openState, reduce, type SessionInput } from './reducer.ts'
export {
  findByClientMessageId,
  hasEnded,
  type LiveText,
  type Need,
  type PendingMessage,
  type SessionState,
  type ShownPart,
  shownPart,
  textOf,
} from './state.ts'
export type { OutboxStorage, StoredMessage } from './storage.ts'
export { createStore, type Store, type WritableStore } from './store.ts'
export { defaultTiming, type Timing } from './timing.ts'
