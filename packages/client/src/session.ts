import {
  type AckData,
  type ClientEvents,
  clientEvents,
  type Message,
  type Persona,
  type Snapshot,
} from '@parley/protocol'
import type { ChatSession } from './api.ts'
import { Branches } from './branches.ts'
import { ChatError } from './errors.ts'
import type { Line } from './line.ts'
import { Outbox, type Outgoing } from './outbox.ts'
import { randomId } from './random-id.ts'
import { openState, reduce, type SessionInput } from './reducer.ts'
import { finishedReply, replyPieces } from './replies.ts'
import { hasEnded, type SessionState } from './state.ts'
import type { OutboxStorage } from './storage.ts'
import { callListener, createStore, type WritableStore } from './store.ts'
import { Syncer } from './syncer.ts'
import type { Timing } from './timing.ts'

type JoinAnswer = AckData<ClientEvents, 'chat:join'>

/** What a session needs beside the answer to its join. */
export interface OpenSessionOptions {
  /** Whose session it is. */
  readonly userId: string
  readonly timing: Timing
  readonly storage: OutboxStorage | undefined
  readonly onLeave: () => void
}

/** A session that is open on this client, over any number of lines. */
export class OpenSession implements ChatSession {
  readonly id: string
  readonly userId: string
  readonly persona: Persona
  readonly state: WritableStore<SessionState>
  readonly #outbox: Outbox
  readonly #branches: Branches
  readonly #syncer: Syncer
  readonly #onLeave: () => void
  readonly #errorListeners = new Set<(error: ChatError) => void>()
  /** Resolves once what was stored is among what waits. */
  restored: Promise<void> = Promise.resolve()
  #line: Line | null = null
  #older: Promise<boolean> | null = null

  constructor(answer: JoinAnswer, { userId, timing, storage, onLeave }: OpenSessionOptions) {
    this.id = answer.session.id
    this.userId = userId
    this.persona = answer.persona
    this.state = createStore(openState(answer))
    this.#outbox = new Outbox(this, timing, storage)
    this.#branches = new Branches(this, timing)
    this.#syncer = new Syncer(this, timing)
    this.#onLeave = onLeave
  }

  /** Whether the server sends this session's events on the line of now. */
  get isJoined(): boolean {
    return this.#line !== null
  }

  /** Takes in what happened. */
  dispatch(input: SessionInput): void {
    this.state.set(reduce(this.state.get(), input))
    this.#syncer.check()
  }

  /**
   * Joined on `line`: events, syncs and requests go over it; what waits is not sent yet. `news` is what
   * the join and the events behind it brought.
   */
  attach(line: Line, news: readonly SessionInput[], mustSync: boolean): void {
    this.#line = line
    this.dispatch({ type: 'fault', error: null })
    for (const input of news) this.dispatch(input)
    this.#syncer.use(line)
    if (mustSync) this.#syncer.demand()
  }

  /** Sends what waits, and from now on at once; what is stored too. */
  release(): void {
    this.#outbox.use(this.#line)
    this.#branches.use(this.#line)
    this.restored = this.#outbox.restore()
  }

  /** The line is gone. */
  detach(): void {
    this.#line = null
    this.#syncer.use(null)
    this.#outbox.use(null)
    this.#branches.use(null)
  }

  /** Joins again on a new line. Resolves with what brings the state up to date. @throws {ChatError} */
  async rejoin(line: Line): Promise<SessionInput> {
    // What waits here is of one person and never goes out as another one.
    if (line.userId !== this.userId) throw new ChatError('SESSION_NOT_FOUND')
    const answer = await line.request('chat:join', { personaId: this.persona.id, sessionId: this.id })
    return this.#catchUp(line, answer)
  }

  /** The session cannot be used any more. */
  fail(error: ChatError): void {
    this.detach()
    this.dispatch({ type: 'fault', error })
    this.#outbox.failAll(error)
    this.#branches.failAll(error)
  }

  /** Something of this session could not be read. */
  missed(): void {
    this.#syncer.demand()
  }

  /** Gives a failure to those who listen; whether it belongs here is the caller's to know. */
  report(error: ChatError): void {
    for (const listener of [...this.#errorListeners]) callListener(() => listener(error))
  }

  async send(content: string): Promise<Message> {
    const clientMessageId = randomId()
    const parsed = clientEvents['chat:message'].payload.safeParse({ sessionId: this.id, content })
    if (!parsed.success) throw invalid(parsed.error.issues[0])
    return this.#enqueue({ clientMessageId, content: parsed.data.content, replaces: null })
  }

  async edit(messageId: string, content: string): Promise<Message> {
    const clientMessageId = randomId()
    const payload = { sessionId: this.id, messageId, content }
    const parsed = clientEvents['chat:edit'].payload.safeParse(payload)
    if (!parsed.success) throw invalid(parsed.error.issues[0])
    return this.#enqueue({ clientMessageId, content: parsed.data.content, replaces: messageId })
  }

  regenerate(messageId: string): Promise<Message> {
    return this.#branches.regenerate(messageId)
  }

  select(messageId: string): Promise<void> {
    return this.#branches.select(messageId)
  }

  async resend(clientMessageId: string): Promise<Message> {
    const failed = this.#failed(clientMessageId)
    if (!failed) throw new ChatError('MESSAGE_NOT_FOUND', { clientMessageId })
    return this.#enqueue(failed)
  }

  discard(clientMessageId: string): boolean {
    if (!this.#failed(clientMessageId)) return false
    this.#outbox.discard(clientMessageId)
    this.dispatch({ type: 'discarded', clientMessageId })
    return true
  }

  async stop(replyId?: string): Promise<Message | null> {
    const rows = this.state.get().rows
    const row = replyId === undefined ? liveReply(rows.values()) : rows.get(replyId)
    const target = row?.id ?? replyId
    if (target === undefined) return null
    if (row && hasEnded(row)) return row
    const reply = await this.#open().request('chat:stop', { sessionId: this.id, replyId: target })
    // Its change arrives as an event of its own; if it does not, a sync fetches it.
    this.dispatch({ type: 'heard', revision: reply.revision })
    return reply
  }

  loadOlder(): Promise<boolean> {
    this.#older ??= this.#loadOlder().finally(() => {
      this.#older = null
    })
    return this.#older
  }

  replyTo(message: Message): AsyncIterable<string> {
    return replyPieces(this.state, message)
  }

  finishedReply(message: Message): Promise<Message> {
    return finishedReply(this.state, message)
  }

  onError(listener: (error: ChatError) => void): () => void {
    this.#errorListeners.add(listener)
    return () => this.#errorListeners.delete(listener)
  }

  leave(): void {
    this.#onLeave()
  }

  async #loadOlder(): Promise<boolean> {
    for (;;) {
      const { messages, hasMore, revision } = this.state.get()
      const oldest = messages[0]
      if (!oldest || !hasMore) return false
      const page = await this.#open().request('chat:history', { sessionId: this.id, beforeSeq: oldest.seq })
      // After a change the page may not fit any more, or be older than rows that were dropped meanwhile.
      if (this.state.get().revision !== revision) continue
      this.dispatch({ type: 'history', beforeSeq: oldest.seq, page })
      return this.state.get().hasMore
    }
  }

  /** A join brings the newest page; older rows that are held stay right only through a sync. */
  async #catchUp(line: Line, snapshot: Snapshot): Promise<SessionInput> {
    const { messages, revision } = this.state.get()
    const firstHeld = messages[0]?.seq ?? Number.POSITIVE_INFINITY
    const holdsOlder = firstHeld < (snapshot.messages[0]?.seq ?? 0)
    if (holdsOlder && snapshot.session.revision > revision) {
      const answer = await line.request('chat:sync', { sessionId: this.id, afterRevision: revision })
      if (!answer.reset) return { type: 'synced', afterRevision: revision, answer }
      return { type: 'joined', snapshot: answer }
    }
    return { type: 'joined', snapshot }
  }

  #enqueue(outgoing: Outgoing): Promise<Message> {
    const sent = this.#outbox.add(outgoing)
    const { fault } = this.state.get()
    if (fault) this.#outbox.failAll(fault)
    return sent
  }

  #failed(clientMessageId: string) {
    return this.state
      .get()
      .pending.find((entry) => entry.clientMessageId === clientMessageId && entry.status === 'failed')
  }

  #open(): Line {
    if (!this.#line) throw new ChatError('DISCONNECTED')
    return this.#line
  }
}

function liveReply(rows: Iterable<Message>): Message | undefined {
  for (const row of rows) if (row.status === 'live') return row
  return undefined
}

function invalid(issue: { readonly message: string; readonly path: PropertyKey[] } | undefined): ChatError {
  return new ChatError('INVALID_PAYLOAD', { path: issue?.path.join('.') })
}
