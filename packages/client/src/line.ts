import {
  type AckData,
  CHAT_NAMESPACE,
  type ClientEvents,
  clientEvents,
  type EventName,
  type Handlers,
  listen,
  type PayloadIn,
  PROTOCOL_VERSION,
  type Received,
  request,
  type ServerEvents,
  send,
  serverEvents,
} from '@parley/protocol'
import { io, type Socket } from 'socket.io-client'
import { ChatError, endsLine, fromHandshake, fromWire, toChatError } from './errors.ts'
import type { Timing } from './timing.ts'

/** What a line needs. */
export interface LineOptions {
  readonly url: string
  readonly transports: readonly ('websocket' | 'polling')[]
  readonly timing: Timing
  readonly handlers: Handlers<ServerEvents, [Received]>
  /** Told of every frame that did not fit, acks included (`received` is absent for them). */
  readonly onBadFrame: (received?: Received) => void
}

/**
 * One socket from its opening to its end. It is never reconnected: a new line has a new socket, so
 * that nothing of the old one (a buffered packet, a listener) can come back [C4].
 */
export class Line {
  /** Resolves once, with the reason, when the line is gone. */
  readonly closed: Promise<ChatError>
  /** Why the line is gone; null while it is not. */
  reason: ChatError | null = null
  /** As whom the line was authenticated; null before that. */
  userId: string | null = null
  readonly #socket: Socket
  readonly #options: LineOptions
  readonly #gone = new AbortController()

  constructor(options: LineOptions) {
    this.#options = options
    this.#socket = io(`${options.url.replace(/\/+$/, '')}${CHAT_NAMESPACE}`, {
      auth: { protocol: PROTOCOL_VERSION },
      autoConnect: false,
      forceNew: true,
      reconnection: false,
      timeout: options.timing.connectTimeoutMs,
      transports: [...options.transports],
      tryAllTransports: true,
      withCredentials: true,
    })
    const { signal } = this.#gone
    this.closed = new Promise((resolve) => {
      const onGone = () => resolve(this.reason ?? new ChatError('DISCONNECTED'))
      signal.addEventListener('abort', onGone, { once: true })
    })
    listen(this.#socket, serverEvents, options.handlers, {
      fail: (received) => options.onBadFrame(received),
    })
    this.#socket.on('connect_error', (cause) => this.drop(fromHandshake(cause)))
    this.#socket.on('disconnect', (reason) => this.drop(new ChatError('DISCONNECTED', { cause: reason })))
  }

  get isOpen(): boolean {
    return this.#socket.connected && !this.reason
  }

  /** Connects. @throws {ChatError} why it could not. */
  async connect(): Promise<void> {
    const timer = setTimeout(() => this.drop(new ChatError('TIMEOUT')), this.#options.timing.connectTimeoutMs)
    const connected = new Promise<null>((resolve) => this.#socket.once('connect', () => resolve(null)))
    this.#socket.connect()
    const failure = await Promise.race([connected, this.closed])
    clearTimeout(timer)
    if (failure) throw failure
  }

  /**
   * Sends an event and waits for its answer. A line that leaves a request without an answer, or on
   * which the client is not known any more, is dropped.
   *
   * @throws {ChatError}
   */
  async request<E extends EventName<ClientEvents>>(
    event: E,
    payload: PayloadIn<ClientEvents, E>,
  ): Promise<AckData<ClientEvents, E>> {
    if (!this.isOpen) throw new ChatError('DISCONNECTED', { event })
    const timeoutMs = this.#options.timing.requestTimeoutMs
    const { signal } = this.#gone
    const reply = await request(this.#socket, clientEvents, event, payload, { timeoutMs, signal }).catch(
      (cause: unknown) => {
        const error = toChatError(cause, event)
        if (error.code === 'TIMEOUT') this.drop(error)
        if (error.code === 'BAD_REPLY') this.#options.onBadFrame()
        throw error
      },
    )
    if (reply.ok) return reply.data
    const error = fromWire(reply.error)
    if (endsLine(error)) this.drop(error)
    throw error
  }

  /** Sends an event if the line is open, and waits for nothing. */
  tell<E extends EventName<ClientEvents>>(event: E, payload: PayloadIn<ClientEvents, E>): void {
    if (this.isOpen) send(this.#socket, clientEvents, event, payload)
  }

  /** Ends the line; only the first reason counts. */
  drop(reason: ChatError): void {
    if (this.reason) return
    this.reason = reason
    this.#gone.abort()
    this.#socket.removeAllListeners()
    this.#socket.disconnect()
  }
}
