import type {
  Change,
  ErrorCode,
  EventName,
  FinishReason,
  Message,
  MessageStatus,
  Page,
  PayloadIn,
  PersonExport,
  ServerEvents,
  Session,
  Snapshot,
} from '@parley/protocol'

/** A persona as one version of it stands: everything that writing a reply needs. Never changes. */
export interface PersonaVersion {
  readonly id: string
  readonly personaId: string
  readonly name: string
  readonly pitch: string
  readonly greeting: string
  readonly instructions: string
  /** What the persona says while no model is connected. */
  readonly script: DemoScript
}

/** Lines of a persona for the time without a model. */
export interface DemoScript {
  /** The first entry whose word stands in the person's message answers it. */
  readonly answers: readonly { readonly words: readonly string[]; readonly text: string }[]
  /** Said in turn when no entry fits; at least one. */
  readonly otherwise: readonly string[]
}

/** An earlier message, as a prompt needs it. */
export interface ContextMessage {
  readonly sender: 'user' | 'ai'
  readonly content: string
}

/** A reply that this process has to write: it holds the lease of `epoch`. */
export interface ReplyJob {
  readonly replyId: string
  readonly sessionId: string
  readonly userId: string
  readonly epoch: number
  /** The speaker. */
  readonly personaVersionId: string
  /** Ancestors of the reply, oldest first, at most `CONTEXT_MESSAGES`, none of them empty. */
  readonly context: readonly ContextMessage[]
}

/** A reply whose owner is gone; the caller holds it now, under a new epoch. */
export interface ClaimedReply extends ReplyJob {
  /** Text that the earlier owner had saved. */
  readonly prefix: string
  /** How often its writing was begun, this time included and planned hand-overs not. */
  readonly attempt: number
  /** Somebody asked it to stop. */
  readonly stopped: boolean
  /** The person's budget has no room for another attempt. */
  readonly overBudget: boolean
}

/** How a reply ended. */
export interface ReplyEnd {
  readonly replyId: string
  readonly epoch: number
  readonly status: Exclude<MessageStatus, 'waiting' | 'live'>
  readonly content: string
  readonly finishReason: FinishReason | null
  readonly error: ErrorCode | null
  readonly usage: TokenUsage | null
  /** Tokens that the attempt cost: as the provider counted, else estimated; 0 if no model was asked. */
  readonly tokens: number
  readonly demo: boolean
}

/** Tokens of one model call, as the provider counted them. */
export interface TokenUsage {
  readonly promptTokens: number
  readonly completionTokens: number
}

/** A piece of a live reply for the next flush; an empty `text` only renews the lease. */
export interface FlushRow {
  readonly replyId: string
  readonly epoch: number
  readonly offset: number
  readonly text: string
}

/** What became of a flushed reply: still ours, asked to stop, or somebody else's. */
export type FlushState = 'held' | 'stop' | 'lost'

/** A committed turn: what changed, and the reply to write if nothing is before it. */
export type CommitResult =
  | {
      readonly outcome: 'committed'
      readonly change: Change
      readonly job: ReplyJob | null
      /** The turn gave the session its title. */
      readonly titled: boolean
    }
  /** `job`: this process holds the reply; if it is not writing it, an earlier answer was lost. */
  | { readonly outcome: 'duplicate'; readonly change: Change; readonly job: ReplyJob | null }
  | { readonly outcome: 'not_found' }
  | { readonly outcome: 'busy' }
  | Spent

/** The person has spent the budget of the day, which ends after `retryAfterMs` milliseconds. */
export interface Spent {
  readonly outcome: 'spent'
  readonly retryAfterMs: number
}

/** Text of a reply that this process writes, as far as it was shown. */
export interface ShownText {
  readonly replyId: string
  readonly epoch: number
  readonly text: string
}

/** What a new branch of a session starts from. */
interface BranchRequest {
  readonly userId: string
  readonly sessionId: string
  readonly messageId: string
  /** Newest texts of the replies of this session that this process writes; they are stopped with them. */
  readonly shown: readonly ShownText[]
}

/** What a person says instead of a message. */
export interface EditRequest extends BranchRequest {
  readonly content: string
  readonly clientMessageId: string | null
}

/** A message to be answered anew: a reply, or the message that it answers. */
export interface RegenerateRequest extends BranchRequest {
  readonly clientRequestId: string | null
}

/** A message whose branch is to be shown. */
export type SelectRequest = BranchRequest

/**
 * An edit or a regeneration [M6]. `stopped`: replies that it ended, whose rows are in the change.
 * `full`: the message has as many siblings as there may be. `busy`: the person has too many replies under way.
 */
export type BranchResult =
  | {
      readonly outcome: 'committed'
      readonly change: Change
      readonly job: ReplyJob
      readonly stopped: readonly string[]
    }
  /** `job` as in a CommitResult. */
  | { readonly outcome: 'duplicate'; readonly change: Change; readonly job: ReplyJob | null }
  | { readonly outcome: 'session_not_found' | 'message_not_found' | 'full' | 'busy' }
  | Spent

/** A shown branch and its newest page. Nothing changed if the change begins where it ends. */
export type SelectResult =
  | {
      readonly outcome: 'selected'
      readonly change: Change
      readonly page: Page
      readonly stopped: readonly string[]
    }
  | { readonly outcome: 'session_not_found' | 'message_not_found' }

/** A finished reply: what changed, and the next one to write. `fenced`: it was no longer ours. */
export type FinishResult =
  | {
      readonly outcome: 'saved'
      readonly message: Message
      readonly change: Change
      readonly next: ReplyJob | null
    }
  | { readonly outcome: 'fenced' }

/** What a stop found: `live` (asked to stop), `ended` already, or waiting, and `cancelled` by this call. */
export type StopResult =
  | { readonly outcome: 'session_not_found' | 'message_not_found' }
  | { readonly outcome: 'live' }
  | { readonly outcome: 'ended'; readonly message: Message }
  | { readonly outcome: 'cancelled'; readonly message: Message; readonly change: Change }

/** What a session missed since a revision. */
export type SyncResult =
  | { readonly reset: false; readonly change: Change; readonly live: Snapshot['live'] }
  | ({ readonly reset: true } & Snapshot)

/** Thrown by a Store that cannot be reached. Whether the call took effect is not known. */
export class StorageUnavailable extends Error {
  override readonly name = 'StorageUnavailable'
}

/** Thrown by a Store when a person has begun as many sessions as one may within a day. */
export class TooManySessions extends Error {
  override readonly name = 'TooManySessions'
  /** Milliseconds after which the next one may be begun. */
  readonly retryAfterMs: number

  constructor(retryAfterMs: number) {
    super('too many sessions were begun')
    this.retryAfterMs = retryAfterMs
  }
}

/**
 * Everything the domain keeps. Each call is atomic; those that take a `userId` answer a foreign id
 * as one that does not exist [A2].
 *
 * @throws {StorageUnavailable} from every call.
 */
export interface Store {
  commitTurn(turn: {
    readonly userId: string
    readonly sessionId: string
    readonly content: string
    readonly title: string
    readonly clientMessageId: string | null
  }): Promise<CommitResult>
  /** The turn that an earlier call with this id committed, or null. */
  findTurn(userId: string, sessionId: string, clientMessageId: string): Promise<Change | null>
  /** Stops what is live or waits, and commits a sibling of a person's message with the reply to it. */
  editMessage(request: EditRequest): Promise<BranchResult>
  /** Stops what is live or waits, and commits a sibling of a reply. */
  regenerate(request: RegenerateRequest): Promise<BranchResult>
  /** Shows another branch and stops what is live or waits; does neither if the branch is shown. */
  selectBranch(request: SelectRequest): Promise<SelectResult>
  /** Saves a reply's end and makes the next waiting one live for this process, unless `startNext` is false. */
  finishReply(end: ReplyEnd, startNext?: boolean): Promise<FinishResult>
  /**
   * Adds what was shown here of a reply that another process stopped without knowing it. Null: there is
   * nothing to add, or the reply went to somebody else.
   */
  addShown(shown: ShownText): Promise<Change | null>
  /** Saves the pieces of all live replies at once and renews their leases; states by reply id. */
  flush(rows: readonly FlushRow[]): Promise<ReadonlyMap<string, FlushState>>
  stopReply(userId: string, sessionId: string, replyId: string): Promise<StopResult>
  /** Takes over live replies that nobody holds any more, at most `limit`. */
  claimReplies(request: {
    readonly limit: number
    /** Replies that this process is writing; never claimed. */
    readonly held: readonly string[]
    /** No other process lives, so a lease that still runs is a dead one's. */
    readonly alone: boolean
    /** The caller goes on from the saved text, which becomes the beginning of the new epoch. */
    readonly continues?: boolean
  }): Promise<ClaimedReply[]>
  /**
   * Starts replies that wait although nothing of their session is live, at most `limit`. Without a job: all
   * that waited in the session had no room in the person's budget, and ended.
   */
  startStranded(limit: number): Promise<{ readonly change: Change; readonly job: ReplyJob | null }[]>
  /** Lets go of everything that this process holds, so that others need not wait for the lease. */
  releaseReplies(): Promise<void>
  /**
   * Finds or creates a session; null when `sessionId` is given and not this user's and persona's.
   *
   * @throws {TooManySessions}
   */
  openSession(request: {
    readonly userId: string
    readonly personaId: string
    readonly sessionId: string | null
    readonly fresh: boolean
    readonly clientRequestId: string | null
    /** First message of a new session. */
    readonly greeting: string
    readonly personaVersionId: string
  }): Promise<{ readonly sessionId: string; readonly created: boolean } | null>
  snapshot(userId: string, sessionId: string): Promise<Snapshot | null>
  /** Null: no such session; `found: false`: no message with this `seq` in it. */
  history(
    userId: string,
    sessionId: string,
    beforeSeq: number | null,
    limit: number,
  ): Promise<Page | { readonly found: false } | null>
  sync(userId: string, sessionId: string, afterRevision: number): Promise<SyncResult | null>
  sessions(userId: string, limit: number): Promise<Session[]>
  /** Who somebody is to this server; null: nobody. */
  person(userId: string): Promise<PersonExport['person'] | null>
  /** Every session of a person, newest first. */
  allSessions(userId: string): Promise<Session[]>
  /** Messages of a session behind `afterSeq`, of all branches, in order. */
  messagesAfter(sessionId: string, afterSeq: number, limit: number): Promise<Message[]>
  /** How the given sessions stand, and those of the given people that changed within the last `withinMs`. */
  standing(request: {
    readonly sessionIds: readonly string[]
    readonly userIds: readonly string[]
    readonly withinMs: number
  }): Promise<{ readonly userId: string; readonly session: Session }[]>
  /** All personas that everybody may talk with. */
  personas(): Promise<PersonaVersion[]>
  persona(personaId: string): Promise<PersonaVersion | null>
  personaVersion(versionId: string): Promise<PersonaVersion | null>
  /** Picture of a version, an SVG document. */
  picture(versionId: string): Promise<string | null>
}

/** One part of a prompt, in the roles of chat completions. */
export interface PromptMessage {
  readonly role: 'system' | 'user' | 'assistant'
  readonly content: string
}

/** What a model has to answer. */
export interface ModelRequest {
  readonly messages: readonly PromptMessage[]
  readonly persona: PersonaVersion
}

/** What a model says while it writes; `end` comes once, last, and only if the model said why. */
export type ModelEvent =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'end'; readonly reason: FinishReason; readonly usage: TokenUsage | null }

/** A model that failed; `code` is all that may be told. */
export class ModelFault extends Error {
  override readonly name = 'ModelFault'
  readonly code: ErrorCode
  readonly retryAfterMs: number | undefined

  constructor(code: ErrorCode, message: string, retryAfterMs?: number) {
    super(message)
    this.code = code
    this.retryAfterMs = retryAfterMs
  }
}

/** Writes replies. */
export interface Model {
  /** Names it in the start line and the log. */
  readonly name: string
  /** Whether its replies are marked as a demo. */
  readonly demo: boolean
  /** Whether it goes on from the text of a last message of its own; else it begins that reply anew. */
  readonly continuesPrefix?: boolean
  /**
   * Ends after `end`, or without it when the connection broke; leaving the loop or aborting closes
   * the call upstream.
   *
   * @throws {ModelFault}
   */
  stream(request: ModelRequest, signal: AbortSignal): AsyncIterable<ModelEvent>
}

/** Decides whether a text may be said here. */
export interface Moderator {
  readonly name: string
  /** @throws {ModelFault} when it cannot decide. */
  check(text: string, signal: AbortSignal): Promise<{ readonly flagged: boolean }>
}

/** A person whom the server has verified. */
export interface Identity {
  readonly userId: string
  readonly guest: boolean
  /** ISO 8601; null when the credential does not end. */
  readonly expiresAt: string | null
  /** The login session that the credential is of; null when there is none that could be ended. */
  readonly loginId: string | null
}

/** What a connection or a request shows of who it is. */
export interface Credential {
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  /** A bearer token that was not in a header. */
  readonly token?: string | undefined
}

/** Verifies credentials. */
export interface Identities {
  /** Whose credential this is; null when it is nobody's. */
  verify(credential: Credential): Promise<Identity | null>
  /** The person who claims to be `userId`, if the credential, or the development setting, bears it out [A1]. */
  claim(userId: string, credential: Credential): Promise<Identity | null>
  /** Which of these login sessions have not ended. */
  lasting(loginIds: readonly string[]): Promise<ReadonlySet<string>>
}

/** Reaches the sockets of a session or a person, on every node. */
export interface Broadcaster {
  toSession<E extends EventName<ServerEvents>>(
    sessionId: string,
    event: E,
    payload: PayloadIn<ServerEvents, E>,
    exceptSocket?: string,
  ): void
  toUser<E extends EventName<ServerEvents>>(
    userId: string,
    event: E,
    payload: PayloadIn<ServerEvents, E>,
  ): void
}

/** Tells other processes what the database would tell them later. Nothing rests on it. */
export interface Signals {
  /** Somebody asked this reply to stop, and the database knows [R6]. */
  stopped(replyId: string): void
}

/** Time and waiting, so that a test can hold them. */
export interface Clock {
  /** Milliseconds that only ever grow; says how much time went by and not what time it is. */
  now(): number
  /** Calls back after `ms`; the returned function cancels. */
  after(ms: number, callback: () => void): () => void
}

/** What the domain tells the operator. Fields never hold message text. */
export interface Log {
  debug(fields: object, message: string): void
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
}
