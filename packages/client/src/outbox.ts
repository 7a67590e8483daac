import type { Change, Message } from '@parley/protocol'
import { ChatError, losesLine, toChatError } from './errors.ts'
import type { Line } from './line.ts'
import { Patience } from './patience.ts'
import { Pause } from './pause.ts'
import type { SessionInput } from './reducer.ts'
import { findByClientMessageId, type SessionState } from './state.ts'
import type { Timing } from './timing.ts'

/** What an outbox needs of its session. */
export interface OutboxHost {
  readonly id: string
  readonly state: { get(): SessionState }
  dispatch(input: SessionInput): void
}

interface Entry {
  readonly clientMessageId: string
  readonly content: string
  readonly resolve: (message: Message) => void
  readonly reject: (error: ChatError) => void
  readonly patience: Patience
  /** How often its line was lost before the answer came. */
  losses: number
  /** Why the server refused it for now. */
  refusal: ChatError | null
}

/**
 * Sends the messages of one session, one at a time and in order. What the line lost, or did not
 * answer, goes out again under its id on the next line; what the server refuses for now, on the same
 * one, and all others wait behind it. The server answers a repeat as the first [M2].
 */
export class Outbox {
  readonly #host: OutboxHost
  readonly #timing: Timing
  readonly #queue: Entry[] = []
  readonly #pause = new Pause()
  #line: Line | null = null
  #sending = false

  constructor(host: OutboxHost, timing: Timing) {
    this.#host = host
    this.#timing = timing
  }

  /** Adds a message, or a failed one again. Rejects with a `ChatError`. */
  add(clientMessageId: string, content: string): Promise<Message> {
    const sent = new Promise<Message>((resolve, reject) => {
      const patience = new Patience(this.#timing)
      const entry = { clientMessageId, content, resolve, reject, patience, losses: 0, refusal: null }
      this.#queue.push(entry)
      this.#show(entry, 'queued')
    })
    // The failure is in the state too; who reads that need not take it from the promise.
    sent.catch(() => undefined)
    void this.#run()
    return sent
  }

  /** Sends on `line` from now on; null: waits. */
  use(line: Line | null): void {
    if (line !== this.#line) this.#queue[0]?.patience.startAnew()
    this.#line = line
    this.#pause.end()
    void this.#run()
  }

  /** Gives up everything that waits. */
  failAll(error: ChatError): void {
    for (const entry of this.#queue.splice(0)) this.#fail(entry, error)
    this.#pause.end()
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
    const { clientMessageId, content } = entry
    const committed = findByClientMessageId(this.#host.state.get().rows.values(), clientMessageId)
    if (committed) return this.#settle(entry, () => entry.resolve(committed))
    this.#show(entry, 'sending')
    try {
      const ack = await line.request('chat:message', { sessionId: this.#host.id, content, clientMessageId })
      this.#take(entry, ack.change)
    } catch (cause) {
      const error = toChatError(cause)
      if (!this.#queue.includes(entry)) return
      if (losesLine(error)) this.#lose(line, entry, error)
      else await this.#hold(entry, error)
    }
  }

  #take(entry: Entry, change: Change): void {
    const { clientMessageId } = entry
    this.#host.dispatch({ type: 'change', change, clientMessageId })
    const message = findByClientMessageId(change.messages, clientMessageId)
    if (!message) throw new ChatError('BAD_REPLY', { event: 'chat:message', clientMessageId })
    this.#settle(entry, () => entry.resolve(message))
  }

  /** The line went, and the answer with it. */
  #lose(line: Line, entry: Entry, error: ChatError): void {
    entry.losses++
    if (this.#line === line) this.#line = null
    if (entry.losses >= this.#timing.sendTries) this.#settle(entry, () => this.#fail(entry, error))
    else this.#queueAgain(entry)
  }

  /** Waits until a refused message is worth another try. It and its place in the order stay. */
  async #hold(entry: Entry, error: ChatError): Promise<void> {
    const waitMs = entry.patience.waitAfter(error)
    if (waitMs === null) return this.#settle(entry, () => this.#fail(entry, error))
    entry.refusal = error
    this.#show(entry, 'sending')
    await this.#pause.last(waitMs)
    if (!this.#line?.isOpen && this.#queue.includes(entry)) this.#queueAgain(entry)
  }

  #queueAgain(entry: Entry): void {
    entry.refusal = null
    this.#show(entry, 'queued')
  }

  #settle(entry: Entry, finish: () => void): void {
    const at = this.#queue.indexOf(entry)
    if (at >= 0) this.#queue.splice(at, 1)
    finish()
  }

  #show({ clientMessageId, content, refusal }: Entry, status: 'queued' | 'sending'): void {
    this.#host.dispatch({ type: 'pending', clientMessageId, content, status, error: refusal })
  }

  #fail(entry: Entry, error: ChatError): void {
    this.#host.dispatch({ type: 'rejected', clientMessageId: entry.clientMessageId, error })
    entry.reject(error)
  }
}
