import type { Handlers, Received, ServerEvents } from '@parley/protocol'
import type { ChatClientOptions, ConnectionState, Credentials } from './api.ts'
import { ChatError, toChatError } from './errors.ts'
import { Line } from './line.ts'
import { Pause } from './pause.ts'
import { createStore, type Store } from './store.ts'
import { backoffMs, spread, type Timing } from './timing.ts'

/** What a connection calls. */
export interface ConnectionHooks {
  readonly handlers: Handlers<ServerEvents, [Received]>
  readonly onBadFrame: (received?: Received) => void
  /** Authenticated; the connection is online once this has resolved, and retried if it rejects. */
  readonly onReady: (line: Line) => Promise<void>
  readonly onOnline: (line: Line) => void
  /** A line is gone; another one may follow. */
  readonly onDown: () => void
  /** No line will follow. */
  readonly onEnd: (error: ChatError) => void
}

/** Keeps one line to the server: opens it, authenticates, and opens the next when it is gone [C4]. */
export class Connection {
  readonly #options: ChatClientOptions
  readonly #timing: Timing
  readonly #hooks: ConnectionHooks
  readonly #state = createStore<ConnectionState>({
    status: 'connecting',
    attempt: 0,
    nextAttemptAt: null,
    error: null,
    identity: null,
  })
  #line: Line | null = null
  readonly #pause = new Pause()
  /** Number of the reconnection that runs or is waited for. */
  #attempt = 0
  #closed = false

  constructor(options: ChatClientOptions, timing: Timing, hooks: ConnectionHooks) {
    this.#options = options
    this.#timing = timing
    this.#hooks = hooks
  }

  get state(): Store<ConnectionState> {
    return this.#state
  }

  /** The line while the connection is online. */
  get onlineLine(): Line | null {
    return this.#state.get().status === 'online' ? this.#line : null
  }

  /** Ends the line, so that a new one is opened. */
  drop(error: ChatError): void {
    this.#line?.drop(error)
  }

  /** Ends whatever wait there is. */
  retry(): void {
    const { status, error } = this.#state.get()
    if (status === 'offline') {
      // A slow attempt that runs now becomes the first of the quick ones.
      this.#attempt = 0
      this.#set({ status: 'reconnecting', error })
    }
    this.#pause.end()
  }

  /** Ends a wait for the network; a wait for the person goes on. */
  wake(): void {
    const { status } = this.#state.get()
    if (status === 'offline' || status === 'reconnecting') this.retry()
  }

  close(): void {
    if (this.#closed) return
    this.#closed = true
    this.#end('closed', new ChatError('DISCONNECTED'))
    this.#line?.drop(new ChatError('DISCONNECTED'))
    this.#pause.end()
  }

  /** Keeps the line until `close` or a mismatch. Never rejects. */
  async run(): Promise<void> {
    while (!this.#closed) {
      const { error, onlineMs } = await this.#useLine()
      if (this.#closed) return
      if (error.code === 'PROTOCOL_MISMATCH') return this.#end('mismatch', error)
      const refused = onlineMs === null && error.code === 'NOT_AUTHENTICATED'
      // A server that lets in and drops at once would else be called without end, and without a pause.
      const wasStable = onlineMs !== null && onlineMs >= this.#timing.stableMs
      this.#attempt = wasStable ? 1 : this.#attempt + 1
      if (refused) await this.#waitForPerson(error)
      else if (this.#attempt > this.#timing.reconnectAttempts) await this.#waitSlowly(error)
      else await this.#waitQuickly(error)
    }
  }

  async #waitForPerson(error: ChatError): Promise<void> {
    this.#set({ status: 'signed-out', error })
    await this.#wait()
    this.#attempt = 0
    this.#set({ status: 'reconnecting', error })
  }

  async #waitQuickly(error: ChatError): Promise<void> {
    const attempt = this.#attempt
    const waitMs = Math.max(backoffMs(attempt, this.#timing), error.retryAfterMs ?? 0)
    this.#set({ status: 'reconnecting', attempt, nextAttemptAt: Date.now() + waitMs, error })
    await this.#wait(waitMs)
    this.#set({ status: 'reconnecting', attempt, error })
  }

  /** Given up, but a server that is back after minutes is found without anybody doing something. */
  async #waitSlowly(error: ChatError): Promise<void> {
    const waitMs = Math.max(spread(this.#timing.slowRetryMs), error.retryAfterMs ?? 0)
    this.#set({ status: 'offline', nextAttemptAt: Date.now() + waitMs, error })
    await this.#wait(waitMs)
    if (!this.#isGivenUp) return
    this.#set({ status: 'offline', error })
    if (!this.#isWatched()) await this.#wait()
  }

  get #isGivenUp(): boolean {
    return this.#state.get().status === 'offline'
  }

  #isWatched(): boolean {
    return this.#options.isWatched?.() ?? true
  }

  /** Opens a line and waits until it is gone. `onlineMs`: for how long it was online; null: never. */
  async #useLine(): Promise<{ error: ChatError; onlineMs: number | null }> {
    let onlineAt: number | null = null
    try {
      const credentials = await this.#credentials()
      if (this.#closed) throw new ChatError('DISCONNECTED')
      const { url, transports = ['websocket', 'polling'] } = this.#options
      const { handlers, onBadFrame } = this.#hooks
      const line = new Line({ url, transports, timing: this.#timing, handlers, onBadFrame })
      this.#line = line
      await line.connect()
      const identity = await line.request('chat:auth', credentials)
      line.userId = identity.userId
      await this.#hooks.onReady(line)
      if (!line.isOpen) throw await line.closed
      onlineAt = performance.now()
      this.#set({ status: 'online', error: null, identity })
      this.#hooks.onOnline(line)
      throw await line.closed
    } catch (cause) {
      // A line that was dropped tells why better than the request that this ended.
      const error = this.#line?.reason ?? toChatError(cause)
      this.#line?.drop(error)
      this.#line = null
      this.#hooks.onDown()
      return { error, onlineMs: onlineAt === null ? null : performance.now() - onlineAt }
    }
  }

  async #credentials(): Promise<Credentials> {
    try {
      const { userId, token } = await this.#inTime(this.#options.credentials())
      return token === undefined ? { userId } : { userId, token }
    } catch (cause) {
      const error = toChatError(cause)
      // What no later attempt can mend, the person has to.
      throw error.retryable ? error : new ChatError('NOT_AUTHENTICATED', { cause })
    }
  }

  #inTime<T>(work: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new ChatError('TIMEOUT')), this.#timing.requestTimeoutMs)
      work.then(resolve, reject).finally(() => clearTimeout(timer))
    })
  }

  /** Waits for `ms`, or without it until it is ended by `retry`, `wake` or `close`. */
  async #wait(ms?: number): Promise<void> {
    if (!this.#closed) await this.#pause.last(ms)
  }

  #end(status: 'mismatch' | 'closed', error: ChatError): void {
    this.#set({ status, error })
    this.#hooks.onEnd(error)
  }

  /** Everything that `change` does not name goes back to its resting value; `closed` is the last. */
  #set(change: Pick<ConnectionState, 'status' | 'error'> & Partial<ConnectionState>): void {
    const { status, identity } = this.#state.get()
    if (status === 'closed') return
    this.#state.set({ attempt: 0, nextAttemptAt: null, identity, ...change })
  }
}
