import type { AckData, ClientEvents, Message, Persona } from '@parley/protocol'
import type { ChatSession } from './api.ts'
import { Branches } from './branches.ts'
import { catchUp } from './catch-up.ts'
import { ChatError } from './errors.ts'
import type { Line } from './line.ts'
import { Older } from './older.ts'
import { Outbox } from './outbox.ts'
import { newEdit, newMessage, type Outgoing } from './outgoing.ts'
import { openState, reduce, type SessionInput } from './reducer.ts'
import { finishedReply, replyPieces } from './replies.ts'
import type { SessionState } from './state.ts'
import { stopReply } from './stop-reply.ts'
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
  readonly #older: Older
  readonly #onLeave: () => void
  readonly #errorListeners = new Set<(error: ChatError) => void>()
  /** Resolves once what was stored is among what waits. */
  restored: Promise<void> = Promise.resolve()
  #line: Line | null = null
  /** The client is somebody else now. */
  #isForeign = false

  constructor(answer: JoinAnswer, { userId, timing, storage, onLeave }: OpenSessionOptions) {
    this.id = answer.session.id
    this.userId = userId
    this.persona = answer.persona
    this.state = createStore(openState(answer))
    this.#outbox = new Outbox(this, timing, storage)
    this.#branches = new Branches(this, timing)
    this.#syncer = new Syncer(this, timing)
    this.#older = new Older(this)
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
    this.takeStored()
  }

  /** Takes in what is stored and no page holds, also while there is no line to send it on. */
  takeStored(): void {
    if (this.state.get().fault === null) this.restored = this.#outbox.restore()
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
    this.#isForeign = line.userId !== this.userId
    if (this.#isForeign) throw new ChatError('SESSION_NOT_FOUND')
    const answer = await line.request('chat:join', { personaId: this.persona.id, sessionId: this.id })
    return catchUp(line, this.state.get(), answer)
  }

  /** The session cannot be used any more. */
  fail(error: ChatError): void {
    this.detach()
    this.dispatch({ type: 'fault', error })
    if (this.#isForeign) this.#outbox.hideAll(error)
    else this.#outbox.failAll(error)
    this.#branches.failAll(error)
  }

  /** The line of now. @throws {ChatError} if there is none. */
  open(): Line {
    if (!this.#line) throw new ChatError('DISCONNECTED')
    return this.#line
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
    return this.#enqueue(newMessage(this.id, content))
  }

  async edit(messageId: string, content: string): Promise<Message> {
    return this.#enqueue(newEdit(this.id, messageId, content))
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

  stop(replyId?: string): Promise<Message | null> {
    return stopReply(this, replyId)
  }

  loadOlder(): Promise<boolean> {
    return this.#older.load()
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

  async #enqueue(outgoing: Outgoing): Promise<Message> {
    const { fault } = this.state.get()
    // What somebody else writes here is nobody's to send.
    if (fault && this.#isForeign) throw fault
    const sent = this.#outbox.add(outgoing)
    if (fault) this.#outbox.failAll(fault)
    return sent
  }

  #failed(clientMessageId: string) {
    return this.state
      .get()
      .pending.find((entry) => entry.clientMessageId === clientMessageId && entry.status === 'failed')
  }
}
