import type { Change, Delta, Message, Session } from '@parley/protocol'
import type { ChatError } from './errors.ts'

/** The text of a live reply as far as it is known [R2]. */
export interface LiveText {
  readonly replyId: string
  /** Epoch of `text`; -1 while no piece of the reply could be applied. */
  readonly epoch: number
  readonly text: string
  /** Later pieces whose predecessor is missing, in order. */
  readonly held: readonly Delta[]
}

/** A message that was sent from here and is not in `messages` yet. */
export interface PendingMessage {
  readonly clientMessageId: string
  readonly content: string
  /** The message that this one is to stand in the place of [M6]; null: it goes behind all others. */
  readonly replaces: string | null
  /** `queued` behind others or until the connection is back; `failed`: until it is sent again. */
  readonly status: 'queued' | 'sending' | 'failed'
  /** Why it failed; while it is `sending`: why the server refused it for now, to be asked again soon. */
  readonly error: ChatError | null
  /**
   * When it is sent again after the server refused it for now; once it has failed: from when on the
   * server may take it. As `Date.now()` counts; null: not known.
   */
  readonly nextTryAt: number | null
  /** Revision that committed it, once the server said so. */
  readonly committedAt: number | null
}

/**
 * What is missing: `sync` what changed since `revision`, or the `page` of a branch that is shown now
 * and not held, or not far enough up.
 */
export type Need = 'sync' | 'page' | null

/** Everything a client knows of one session. Never changed in place; what stays equal stays the same object. */
export interface SessionState {
  readonly session: Session
  /** The newest change that was applied. */
  readonly revision: number
  /** The shown branch, oldest first. The text of a live reply is not in it: `textOf`. */
  readonly messages: readonly Message[]
  /** Older messages of the shown branch exist on the server. */
  readonly hasMore: boolean
  /** Live replies by id. */
  readonly live: ReadonlyMap<string, LiveText>
  /** To be shown after `messages`, in order of sending. */
  readonly pending: readonly PendingMessage[]
  readonly need: Need
  /**
   * Why the session cannot be used any more, for instance because it is gone. A `join` may open it
   * again, and so may a reconnection.
   */
  readonly fault: ChatError | null
  /** All messages held, other branches included. */
  readonly rows: ReadonlyMap<string, Message>
  /** Changes whose predecessor is missing, in order. */
  readonly heldChanges: readonly Change[]
  /** The newest revision that anything received spoke of. */
  readonly heardRevision: number
  /** The newest page of the branch that is shown is not held, or not all of it. */
  readonly branchMissing: boolean
}

/** The text to show for a message: what is known of it so far while it is live, else its content. */
export function textOf(state: SessionState, message: Message): string {
  return message.status === 'live' ? (state.live.get(message.id)?.text ?? '') : message.content
}

/** How much of a state is to be shown: a message that is being edited hides itself and what followed. */
export interface ShownPart {
  /** So many of `messages`, from the first. */
  readonly messages: number
  /** Those of `pending` from this one on. */
  readonly pendingFrom: number
}

/**
 * What is to be shown while edits are on their way: nothing behind the place of the last one. An edit
 * that failed hides nothing.
 */
export function shownPart({ messages, rows, pending }: SessionState): ShownPart {
  const pendingFrom = pending.findLastIndex(
    ({ replaces, status }) => replaces !== null && status !== 'failed',
  )
  const replaced = pending[pendingFrom]?.replaces
  if (replaced == null) return { messages: messages.length, pendingFrom: 0 }
  const at = messages.findIndex(({ id }) => id === replaced)
  if (at >= 0) return { messages: at, pendingFrom }
  // Another version of it is shown by now.
  const parentId = rows.get(replaced)?.parentId
  const parentAt = parentId ? messages.findIndex(({ id }) => id === parentId) : -1
  return { messages: parentAt < 0 ? messages.length : parentAt + 1, pendingFrom }
}

/** A message that was sent from here, by the id it was given; undefined while it is not held. */
export function findByClientMessageId(rows: Iterable<Message>, clientMessageId: string): Message | undefined {
  for (const row of rows) if (row.clientMessageId === clientMessageId) return row
  return undefined
}

/** Whether a reply has ended; a user's message always has. */
export function hasEnded(message: Message): boolean {
  return message.status !== 'live' && message.status !== 'waiting'
}
