import { type Handlers, limits, type Received, type ServerEvents, type Session } from '@parley/protocol'
import { type ChatError, endsLine, fromWire } from './errors.ts'
import type { SessionInput } from './reducer.ts'
import type { OpenSession } from './session.ts'
import { findByClientMessageId } from './state.ts'
import { callListener } from './store.ts'

/** What an inbox needs of its client. */
export interface InboxHost {
  readonly sessions: ReadonlyMap<string, OpenSession>
  /** A join is on the way whose session may not be known yet. */
  readonly isJoining: () => boolean
  readonly dropLine: (error: ChatError) => void
}

/**
 * Brings every event to its session. Events of a session whose join is on the way are kept until
 * `take` [J1].
 */
export class Inbox {
  /** Frames that could not be read. */
  badFrames = 0
  readonly errorListeners = new Set<(error: ChatError) => void>()
  readonly sessionListeners = new Set<(session: Session) => void>()
  readonly #host: InboxHost
  #kept = new Map<string, SessionInput[]>()
  #keptCount = 0
  #overflowed = false

  constructor(host: InboxHost) {
    this.#host = host
  }

  readonly handlers: Handlers<ServerEvents, [Received]> = {
    'chat:session': (session) => {
      this.#deliver(session.id, { type: 'session', session })
      for (const listener of [...this.sessionListeners]) callListener(() => listener(session))
    },
    'chat:message': ({ sessionId, change }) => this.#deliver(sessionId, { type: 'change', change }),
    'chat:delta': (delta) => this.#deliver(delta.sessionId, { type: 'delta', delta }),
    'chat:response': (response) => this.#deliver(response.sessionId, { type: 'response', response }),
    'chat:error': (error) => this.#report(fromWire(error)),
  }

  /** Counts a frame that could not be read; its session fetches what it may have said. */
  readonly onBadFrame = (received?: Received): void => {
    this.badFrames++
    const sessionId = received ? sessionIdOf(received.raw) : null
    for (const session of this.#host.sessions.values()) {
      if (sessionId === null || session.id === sessionId) session.missed()
    }
    if (this.#host.isJoining()) this.#overflowed = true
  }

  /** What was kept for a session, and whether more had to be dropped. */
  take(sessionId: string): { readonly inputs: readonly SessionInput[]; readonly overflowed: boolean } {
    const inputs = this.#kept.get(sessionId) ?? []
    this.#kept.delete(sessionId)
    this.#keptCount -= inputs.length
    return { inputs, overflowed: this.#overflowed }
  }

  /** Forgets everything that was kept. */
  clear(): void {
    this.#kept = new Map()
    this.#keptCount = 0
    this.#overflowed = false
  }

  #deliver(sessionId: string, input: SessionInput): undefined {
    const session = this.#host.sessions.get(sessionId)
    if (session?.isJoined) session.dispatch(input)
    else if (this.#host.isJoining()) this.#keep(sessionId, input)
  }

  #keep(sessionId: string, input: SessionInput): void {
    if (this.#keptCount >= limits.bufferedEvents) {
      this.#overflowed = true
      return
    }
    this.#keptCount++
    const kept = this.#kept.get(sessionId)
    if (kept) kept.push(input)
    else this.#kept.set(sessionId, [input])
  }

  #report(error: ChatError): undefined {
    if (endsLine(error)) this.#host.dropLine(error)
    const owner = [...this.#host.sessions.values()].find((session) => isOf(session, error))
    if (owner) owner.report(error)
    else for (const listener of [...this.errorListeners]) callListener(() => listener(error))
  }
}

function isOf(session: OpenSession, { replyId, clientMessageId }: ChatError): boolean {
  const { rows, live, pending } = session.state.get()
  if (replyId !== undefined && (rows.has(replyId) || live.has(replyId))) return true
  if (clientMessageId === undefined) return false
  return (
    pending.some((entry) => entry.clientMessageId === clientMessageId) ||
    findByClientMessageId(rows.values(), clientMessageId) !== undefined
  )
}

function sessionIdOf(raw: unknown): string | null {
  if (typeof raw !== 'object' || raw === null) return null
  if ('sessionId' in raw && typeof raw.sessionId === 'string') return raw.sessionId
  return 'id' in raw && typeof raw.id === 'string' ? raw.id : null
}
