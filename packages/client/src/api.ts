import type { AckData, ClientEvents, Message, Persona, Session } from '@parley/protocol'
import type { ChatError } from './errors.ts'
import type { SessionState } from './state.ts'
import type { OutboxStorage } from './storage.ts'
import type { Store } from './store.ts'
import type { Timing } from './timing.ts'

/** Who the client is. In a browser the cookie is the credential and `token` may be absent. */
export interface Credentials {
  readonly userId: string
  readonly token?: string | undefined
}

/** What `createChatClient` needs. */
export interface ChatClientOptions {
  /** Address of the server, for instance `http://localhost:3000`; empty: that of the page. */
  readonly url: string
  /**
   * Called before every authentication, so that it can look whether the person is still known. A
   * `ChatError` that is not retryable signs the client out; anything else that it throws counts as a
   * failed attempt.
   */
  readonly credentials: () => Promise<Credentials>
  /**
   * Asked before each attempt that is made while the state is `offline`; false, for instance of a page
   * that is hidden: none is made until `wake` or `retry`. Default: true.
   */
  readonly isWatched?: (() => boolean) | undefined
  readonly timing?: Partial<Timing>
  /** Keeps what waits to be sent, so that it outlives the page. Without it, it does not. */
  readonly outbox?: OutboxStorage | undefined
  /** Socket.IO transports in order of preference. Default: WebSocket, then polling. */
  readonly transports?: readonly ('websocket' | 'polling')[]
}

/** Who the server says the client is. */
export type Identity = AckData<ClientEvents, 'chat:auth'>

/** State of the connection [C4]. */
export interface ConnectionState {
  /**
   * `connecting` for the first time; `reconnecting` after that, automatically; `offline`: these
   * attempts are used up, and a single one is made every `Timing.slowRetryMs` or after `retry` or `wake`;
   * `signed-out`: until `retry`; `mismatch`: until the page is reloaded; `closed` by `close`.
   */
  readonly status: 'connecting' | 'online' | 'reconnecting' | 'offline' | 'signed-out' | 'mismatch' | 'closed'
  /**
   * Which reconnection it is, from 1; 0 while none is needed. Counted anew only after the connection
   * was online for `Timing.stableMs`, so a server that lets in and drops at once leads to `offline`.
   */
  readonly attempt: number
  /** When the next attempt begins, as `Date.now()` counts; null when none is planned or one runs. */
  readonly nextAttemptAt: number | null
  /** Why the connection is not online; null when it is. */
  readonly error: ChatError | null
  /** Known once the client was online. */
  readonly identity: Identity | null
}

/** Which session to open: the newest with a persona, a given one, or a fresh one. */
export interface JoinRequest {
  readonly personaId: string
  readonly sessionId?: string | undefined
  readonly fresh?: boolean | undefined
  /** Makes a repeated `fresh` open the same session; made up when absent. */
  readonly clientRequestId?: string | undefined
}

/** A headless chat client: one connection, any number of sessions. */
export interface ChatClient {
  readonly connection: Store<ConnectionState>
  /** Frames that did not fit the contract and were dropped. */
  readonly badFrames: number
  /**
   * Opens a session, waiting for the connection if need be. A session that is open already is the
   * same object; it stays open until `leave` was called as often as `join`.
   *
   * @throws {ChatError} also when the connection is `offline`, or gets there meanwhile.
   */
  join(request: JoinRequest): Promise<ChatSession>
  /** Connects again at once, after `offline` or `signed-out` or while waiting for an attempt. */
  retry(): void
  /** To be called when the browser comes online or the page becomes visible: ends a wait, nothing else. */
  wake(): void
  /** Told of failures that belong to no open session. Returns a function that ends it. */
  onError(listener: (error: ChatError) => void): () => void
  /** Told of every session of this person that changed its title or branch, open here or not. */
  onSession(listener: (session: Session) => void): () => void
  /** Ends the connection and all waiting; what was not sent is marked as failed. */
  close(): void
}

/**
 * One open session. After a reconnection it is joined again; while the server refuses that for now, it
 * waits by itself: what is sent is queued, and other requests fail with `DISCONNECTED`.
 */
export interface ChatSession {
  readonly id: string
  readonly persona: Persona
  readonly state: Store<SessionState>
  /**
   * Says something. It is in `state.pending` at once, goes out when everything before it has, waits
   * while there is no connection, and is sent again under the same id when the connection was lost.
   * What the server refuses with a retryable code (`BUSY`, `RATE_LIMITED`, …) keeps its place and is
   * sent again by itself for up to `Timing.patienceMs`, a broken answer (`INTERNAL`, `BAD_REPLY`) twice;
   * meanwhile its entry in `state.pending` is `sending` and names the `error`.
   * Resolves with the committed message. After a failure the text stays in `state.pending`, marked
   * `failed`, except after `INVALID_PAYLOAD` for a text that was never sent.
   *
   * @throws {ChatError} A caller who reads `state.pending` may ignore it.
   */
  send(content: string): Promise<Message>
  /**
   * Says something else in the place of an earlier message of this person [M6]; the earlier one stays as
   * its sibling. Goes the way of `send`: while it is in `state.pending` it hides, as `shownPart` tells,
   * the earlier one and what followed; once it has failed these are shown again, and its text stays.
   *
   * @throws {ChatError} as `send`.
   */
  edit(messageId: string, content: string): Promise<Message>
  /**
   * Has a message answered anew; `messageId` names it or the reply to it. The earlier reply stays as a
   * sibling. Resolves with the row of the new reply. If the connection is lost meanwhile, it is asked
   * again and done once.
   *
   * @throws {ChatError} `DISCONNECTED` at once when there is no connection.
   */
  regenerate(messageId: string): Promise<Message>
  /** Shows the branch that a message is on. @throws {ChatError} as `regenerate`. */
  select(messageId: string): Promise<void>
  /** Sends a failed message again under the same id. @throws {ChatError} as `send`. */
  resend(clientMessageId: string): Promise<Message>
  /** Forgets a failed message; false when there is none of this id. */
  discard(clientMessageId: string): boolean
  /**
   * Ends a reply where it is; default: the live one. Resolves with the reply as saved, or null when
   * there is nothing to stop.
   *
   * @throws {ChatError}
   */
  stop(replyId?: string): Promise<Message | null>
  /** Reads an older page. Resolves with whether there is more. @throws {ChatError} */
  loadOlder(): Promise<boolean>
  /**
   * The text of a reply piece by piece until it ends; `message` is the reply or what it answers. If a
   * take-over replaced text that was given already, the whole text comes again after a line break.
   *
   * @throws {ChatError} if the reply failed or was blocked, or the session was left before its end.
   */
  replyTo(message: Message): AsyncIterable<string>
  /** The reply once it ended, in whatever way. @throws {ChatError} if the session was left before. */
  finishedReply(message: Message): Promise<Message>
  /** Told of failures that name a message or reply of this session. Returns a function that ends it. */
  onError(listener: (error: ChatError) => void): () => void
  /** Closes the session here once it was called as often as `join`. */
  leave(): void
}
