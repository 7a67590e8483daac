import type { Session } from '@parley/protocol'
import { clientEvents } from '@parley/protocol'
import type { ChatClient, ChatClientOptions, ChatSession, ConnectionState, JoinRequest } from './api.ts'
import { Connection } from './connection.ts'
import { ChatError, toChatError } from './errors.ts'
import { Inbox } from './inbox.ts'
import type { Line } from './line.ts'
import { onlineLine } from './online-line.ts'
import { randomId } from './random-id.ts'
import type { SessionInput } from './reducer.ts'
import { Rejoiner } from './rejoiner.ts'
import { OpenSession, type OpenSessionOptions } from './session.ts'
import type { OutboxStorage } from './storage.ts'
import type { Store } from './store.ts'
import { defaultTiming, type Timing } from './timing.ts'
import { Visits } from './visits.ts'

/** Makes a client and begins to connect it. */
export function createChatClient(options: ChatClientOptions): ChatClient {
  return new Client(options)
}

class Client implements ChatClient {
  readonly #timing: Timing
  readonly #storage: OutboxStorage | undefined
  readonly #visits: Visits
  readonly #joins = new Map<string, Promise<OpenSession>>()
  readonly #inbox: Inbox
  readonly #connection: Connection
  readonly #stopListening: (() => void) | undefined

  constructor(options: ChatClientOptions) {
    this.#timing = { ...defaultTiming, ...options.timing }
    this.#storage = options.outbox
    this.#visits = new Visits(() => this.#inbox.clear())
    const { sessions } = this.#visits
    this.#inbox = new Inbox({
      sessions,
      isJoining: () => this.#visits.isJoining,
      dropLine: (error) => this.#connection.drop(error),
    })
    const rejoiner = new Rejoiner({
      sessions,
      timing: this.#timing,
      whileJoining: (line, join) => this.#visits.whileJoining(line, join),
      attach: (session, line, joined) => this.#attach(session, line, joined),
    })
    this.#connection = new Connection(options, this.#timing, {
      handlers: this.#inbox.handlers,
      onBadFrame: this.#inbox.onBadFrame,
      onReady: (line) => rejoiner.joinAll(line),
      onOnline: () => {
        for (const session of sessions.values()) session.release()
      },
      onDown: () => {
        for (const session of sessions.values()) session.detach()
        this.#inbox.clear()
      },
      onEnd: (error) => {
        for (const session of sessions.values()) session.fail(error)
      },
    })
    this.#stopListening = this.#storage?.onFreed?.(() => {
      for (const session of sessions.values()) session.takeStored()
    })
    void this.#connection.run()
  }

  get connection(): Store<ConnectionState> {
    return this.#connection.state
  }

  get badFrames(): number {
    return this.#inbox.badFrames
  }

  async join(request: JoinRequest): Promise<ChatSession> {
    const payload = clientEvents['chat:join'].payload.safeParse({
      ...request,
      clientRequestId: request.clientRequestId ?? (request.fresh ? randomId() : undefined),
    })
    if (!payload.success) {
      throw new ChatError('INVALID_PAYLOAD', { path: payload.error.issues[0]?.path.join('.') })
    }
    const key = JSON.stringify(payload.data)
    const joined = this.#joins.get(key) ?? this.#join(payload.data).finally(() => this.#joins.delete(key))
    this.#joins.set(key, joined)
    const session = await joined
    // What is stored is older than what is sent from now on.
    await session.restored
    this.#visits.hold(session.id)
    return session
  }

  retry(): void {
    this.#connection.retry()
  }

  wake(): void {
    this.#connection.wake()
  }

  onError(listener: (error: ChatError) => void): () => void {
    this.#inbox.errorListeners.add(listener)
    return () => this.#inbox.errorListeners.delete(listener)
  }

  onSession(listener: (session: Session) => void): () => void {
    this.#inbox.sessionListeners.add(listener)
    return () => this.#inbox.sessionListeners.delete(listener)
  }

  close(): void {
    this.#stopListening?.()
    this.#connection.close()
  }

  async #join(request: JoinRequest): Promise<OpenSession> {
    for (let tries = 1; ; tries++) {
      const line = await onlineLine(this.#connection)
      const held = request.sessionId === undefined ? undefined : this.#visits.sessions.get(request.sessionId)
      if (held?.isJoined) return held
      try {
        return await this.#visits.whileJoining(line, async () => {
          const answer = await line.request('chat:join', request)
          return this.#open(line, answer)
        })
      } catch (cause) {
        const error = toChatError(cause)
        const lineLost = !line.isOpen && error.code !== 'TIMEOUT'
        if (!lineLost || tries >= this.#timing.sendTries) throw error
      }
    }
  }

  #open(line: Line, answer: ConstructorParameters<typeof OpenSession>[0]): OpenSession {
    const { id } = answer.session
    const userId = line.userId ?? ''
    const known = this.#visits.sessions.get(id)
    const held = known?.userId === userId ? known : undefined
    // An open session may be ahead of this answer; one that could not be used can be again.
    if (held?.isJoined) {
      held.dispatch({ type: 'synced', afterRevision: 0, answer: { ...answer, reset: true } })
      return held
    }
    const session = held ?? new OpenSession(answer, this.#optionsOf(userId, id))
    if (held) held.dispatch({ type: 'joined', snapshot: answer })
    this.#visits.sessions.set(id, session)
    if (!line.isOpen) return session
    this.#attach(session, line)
    return session
  }

  #optionsOf(userId: string, id: string): OpenSessionOptions {
    return { userId, timing: this.#timing, storage: this.#storage, onLeave: () => this.#leave(id) }
  }

  /** What waits goes out at once if the connection is online; else once it is [C4]. */
  #attach(session: OpenSession, line: Line, joined?: SessionInput): void {
    const { inputs, overflowed } = this.#inbox.take(session.id)
    session.attach(line, joined ? [joined, ...inputs] : inputs, overflowed)
    if (this.#connection.onlineLine === line) session.release()
  }

  #leave(id: string): void {
    this.#visits.leave(id, this.#connection.onlineLine)?.fail(new ChatError('DISCONNECTED'))
  }
}
