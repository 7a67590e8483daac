import type { Change, Message } from '@parley/protocol'
import { ChatError, endsLine, toChatError } from './errors.ts'
import type { Line } from './line.ts'
import type { SessionInput } from './reducer.ts'
import { findByClientMessageId, type SessionState } from './state.ts'

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
  tries: number
}

/**
 * Sends the messages of one session, one at a time and in order. What the line lost, or did not
 * answer, goes out again under its id on the next line; the server answers a repeat as the first [M2].
 */
export class Outbox {
  readonly #host: OutboxHost
  readonly #maxTries: number
  readonly #queue: Entry[] = []
  #line: Line | null = null
  #sending = false

  constructor(host: OutboxHost, maxTries: number) {
    this.#host = host
    this.#maxTries = maxTries
  }

  /** Adds a message, or a failed one again. Rejects with a `ChatError`. */
  add(clientMessageId: string, content: string): Promise<Message> {
    const sent = new Promise<Message>((resolve, reject) => {
      this.#queue.push({ clientMessageId, content, resolve, reject, tries: 0 })
    })
    // The failure is in the state too; who reads that need not take it from the promise.
    sent.catch(() => undefined)
    this.#host.dispatch({ type: 'pending', clientMessageId, content, status: 'queued' })
    void this.#run()
    return sent
  }

  /** Sends on `line` from now on; null: waits. */
  use(line: Line | null): void {
    this.#line = line
    void this.#run()
  }

  /** Gives up everything that waits. */
  failAll(error: ChatError): void {
    for (const entry of this.#queue.splice(0)) this.#fail(entry, error)
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
    this.#host.dispatch({ type: 'pending', clientMessageId, content, status: 'sending' })
    try {
      const ack = await line.request('chat:message', { sessionId: this.#host.id, content, clientMessageId })
      this.#take(entry, ack.change)
    } catch (cause) {
      this.#lose(line, entry, toChatError(cause))
    }
  }

  #take(entry: Entry, change: Change): void {
    const { clientMessageId } = entry
    this.#host.dispatch({ type: 'change', change, clientMessageId })
    const message = findByClientMessageId(change.messages, clientMessageId)
    if (!message) throw new ChatError('BAD_REPLY', { event: 'chat:message', clientMessageId })
    this.#settle(entry, () => entry.resolve(message))
  }

  #lose(line: Line, entry: Entry, error: ChatError): void {
    if (!this.#queue.includes(entry)) return
    entry.tries++
    const lineLost = error.code === 'DISCONNECTED' || error.code === 'TIMEOUT' || endsLine(error)
    if (!lineLost || entry.tries >= this.#maxTries) {
      this.#settle(entry, () => this.#fail(entry, error))
      return
    }
    if (this.#line === line) this.#line = null
    const { clientMessageId, content } = entry
    this.#host.dispatch({ type: 'pending', clientMessageId, content, status: 'queued' })
  }

  #settle(entry: Entry, finish: () => void): void {
    const at = this.#queue.indexOf(entry)
    if (at >= 0) this.#queue.splice(at, 1)
    finish()
  }

  #fail(entry: Entry, error: ChatError): void {
    this.#host.dispatch({ type: 'rejected', clientMessageId: entry.clientMessageId, error })
    entry.reject(error)
  }
}
