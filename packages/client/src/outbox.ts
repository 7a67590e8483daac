import type { Change, Message } from '@parley/protocol'
import { ChatError, losesLine, toChatError } from './errors.ts'
import type { Line } from './line.ts'
import { createEntry, type Entry } from './outbox-entry.ts'
import { OutboxShelf } from './outbox-shelf.ts'
import { type Outgoing, sendOn } from './outgoing.ts'
import { Pause } from './pause.ts'
import type { SessionInput } from './reducer.ts'
import { findByClientMessageId, type SessionState } from './state.ts'
import type { OutboxStorage, StoredMessage } from './storage.ts'
import type { Timing } from './timing.ts'

/** What an outbox needs of its session. */
export interface OutboxHost {
  readonly id: string
  readonly userId: string
  readonly state: { get(): SessionState }
  dispatch(input: SessionInput): void
}

/**
 * Sends the messages of one session, edits included, one at a time and in order. What the line lost, or
 * did not answer, goes out again under its id on the next line; what the server refuses for now, on the
 * same one, and all others wait behind it. The server answers a repeat as the first [M2]. Until its end
 * each one is in the storage.
 */
export class Outbox {
  readonly #host: OutboxHost
  readonly #timing: Timing
  readonly #shelf: OutboxShelf
  readonly #queue: Entry[] = []
  readonly #pause = new Pause()
  #line: Line | null = null
  #sending = false

  constructor(host: OutboxHost, timing: Timing, storage: OutboxStorage | undefined) {
    this.#host = host
    this.#timing = timing
    this.#shelf = new OutboxShelf(host, storage)
  }

  /** Adds a message, or a failed one again. Rejects with a `ChatError`. */
  add(outgoing: Outgoing): Promise<Message> {
    return this.#push(this.#shelf.put(outgoing))
  }

  /** Takes in what is stored and held by no page: from an earlier one, or from one that was closed. */
  async restore(): Promise<void> {
    for (const message of await this.#shelf.claim()) this.#takeStored(message)
  }

  /** Forgets a failed message. */
  discard(clientMessageId: string): void {
    const message = this.#shelf.refused(clientMessageId)
    if (message) this.#shelf.remove(message)
  }

  /** Sends on `line` from now on; null: waits. */
  use(line: Line | null): void {
    if (line !== this.#line) this.#queue[0]?.patience.startAnew()
    this.#line = line
    this.#pause.end()
    void this.#run()
  }

  /**
   * Gives up everything that waits here. It stays stored: for the next time that the session is opened,
   * or, where there is no session any more, for the person.
   */
  failAll(error: ChatError): void {
    for (const entry of this.#queue.splice(0)) {
      if (error.code === 'SESSION_NOT_FOUND') this.#shelf.refuse(entry.message, error.code)
      else this.#shelf.lay(entry.message)
      this.#fail(entry, error)
    }
    this.#pause.end()
  }

  /** Hides everything that is not sent, because somebody else is here now. It stays stored as it is. */
  hideAll(error: ChatError): void {
    for (const entry of this.#queue.splice(0)) entry.reject(error)
    for (const { clientMessageId } of this.#host.state.get().pending) {
      this.#host.dispatch({ type: 'discarded', clientMessageId })
    }
    this.#shelf.forgiveAll()
    this.#pause.end()
  }

  #push(message: StoredMessage): Promise<Message> {
    const entry = createEntry(message, this.#timing)
    this.#queue.push(entry)
    this.#show(entry, 'queued')
    void this.#run()
    return entry.sent
  }

  #takeStored(message: StoredMessage): void {
    const { clientMessageId, error } = message
    const isHere = this.#queue.some((entry) => entry.message.clientMessageId === clientMessageId)
    if (isHere) return
    if (this.#committed(message)) this.#shelf.remove(message)
    else if (!error) {
      this.#shelf.forgive(message)
      void this.#push(message)
    } else if (!this.#shelf.refused(clientMessageId)) {
      this.#shelf.lay(message)
      this.#host.dispatch({ ...pendingOf(message), status: 'queued' })
      this.#host.dispatch({ type: 'rejected', clientMessageId, error: new ChatError(error) })
    }
  }

  async #run(): Promise<void> {
    if (this.#sending) return
    this.#sending = true
    for (let entry = this.#queue[0]; entry && this.#line?.isOpen; entry = this.#queue[0]) {
      await this.#sendFirst(this.#line, entry)
    }
    this.#sending = false
  }

  async #sendFirst(line: Line, entry: Entry): Promise<void> {
    const committed = this.#committed(entry.message)
    if (committed) return this.#deliver(entry, committed)
    const heldMs = entry.heldUntil - performance.now()
    if (heldMs > 0) return this.#rest(entry, heldMs)
    this.#show(entry, 'sending')
    try {
      const ack = await sendOn(line, entry.message)
      this.#take(entry, ack.change)
    } catch (cause) {
      const error = toChatError(cause)
      if (!this.#queue.includes(entry)) return
      if (losesLine(error)) this.#lose(line, entry, error)
      else await this.#hold(entry, error)
    }
  }

  #take(entry: Entry, change: Change): void {
    const { clientMessageId } = entry.message
    this.#host.dispatch({ type: 'change', change, clientMessageId })
    const message = findByClientMessageId(change.messages, clientMessageId)
    if (!message) throw new ChatError('BAD_REPLY', { event: 'chat:message', clientMessageId })
    this.#deliver(entry, message)
  }

  /** The line went, and the answer with it. */
  #lose(line: Line, entry: Entry, error: ChatError): void {
    entry.losses++
    if (this.#line === line) this.#line = null
    if (entry.losses >= this.#timing.sendTries) this.#refuse(entry, error)
    else this.#queueAgain(entry)
  }

  /** Waits until a refused message is worth another try. It and its place in the order stay. */
  async #hold(entry: Entry, error: ChatError): Promise<void> {
    const waitMs = entry.patience.waitAfter(error)
    if (waitMs === null) return this.#refuse(entry, error)
    entry.refusal = error
    // A limit is of the person: another line does not lift it, as it may a state of the server.
    if (error.code === 'RATE_LIMITED') entry.heldUntil = performance.now() + waitMs
    await this.#rest(entry, waitMs)
  }

  async #rest(entry: Entry, waitMs: number): Promise<void> {
    this.#show(entry, 'sending', Date.now() + waitMs)
    await this.#pause.last(waitMs)
    if (!this.#line?.isOpen && this.#queue.includes(entry)) this.#queueAgain(entry)
  }

  #queueAgain(entry: Entry): void {
    if (entry.heldUntil <= performance.now()) entry.refusal = null
    this.#show(entry, 'queued')
  }

  #deliver(entry: Entry, message: Message): void {
    this.#drop(entry)
    this.#shelf.remove(entry.message)
    entry.resolve(message)
  }

  /** It waits for the person from now on, over a reload too. */
  #refuse(entry: Entry, error: ChatError): void {
    this.#drop(entry)
    this.#shelf.refuse(entry.message, error.code)
    this.#fail(entry, error)
  }

  #drop(entry: Entry): void {
    const at = this.#queue.indexOf(entry)
    if (at >= 0) this.#queue.splice(at, 1)
  }

  #committed({ clientMessageId }: StoredMessage): Message | undefined {
    return findByClientMessageId(this.#host.state.get().rows.values(), clientMessageId)
  }

  #show({ message, refusal }: Entry, status: 'queued' | 'sending', nextTryAt: number | null = null): void {
    this.#host.dispatch({ ...pendingOf(message), status, error: refusal, nextTryAt })
  }

  #fail(entry: Entry, error: ChatError): void {
    const { clientMessageId } = entry.message
    const nextTryAt = error.retryAfterMs === undefined ? null : Date.now() + error.retryAfterMs
    this.#host.dispatch({ type: 'rejected', clientMessageId, error, nextTryAt })
    entry.reject(error)
  }
}

function pendingOf({ clientMessageId, content, replaces }: StoredMessage) {
  return { type: 'pending' as const, clientMessageId, content, replaces }
}
