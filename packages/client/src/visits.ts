import type { Line } from './line.ts'
import type { OpenSession } from './session.ts'

/** The sessions of a client that are open, how often each was joined and not left, and joins on the way. */
export class Visits {
  readonly sessions = new Map<string, OpenSession>()
  readonly #holders = new Map<string, number>()
  /** Join requests on the way. */
  #joining = 0
  /** Sessions left meanwhile: a leave that the server reads after a join would undo it. */
  readonly #left = new Set<string>()
  readonly #onLastJoin: () => void

  /** `onLastJoin` is called when no join is on the way any more. */
  constructor(onLastJoin: () => void) {
    this.#onLastJoin = onLastJoin
  }

  get isJoining(): boolean {
    return this.#joining > 0
  }

  /** Counts a join that was answered. */
  hold(id: string): void {
    this.#holders.set(id, (this.#holders.get(id) ?? 0) + 1)
  }

  /** Does a join. What was left meanwhile is told to the server behind it. */
  async whileJoining<T>(line: Line, join: () => Promise<T>): Promise<T> {
    this.#joining++
    try {
      return await join()
    } finally {
      this.#endJoin(line)
    }
  }

  /** Counts a leave. Returns the session if it was the last one; it is no open session any more. */
  leave(id: string, line: Line | null): OpenSession | null {
    const session = this.sessions.get(id)
    const holders = this.#holders.get(id) ?? 0
    if (!session) return null
    if (holders > 1) {
      this.#holders.set(id, holders - 1)
      return null
    }
    this.sessions.delete(id)
    this.#holders.delete(id)
    if (this.isJoining) this.#left.add(id)
    else line?.tell('chat:leave', { sessionId: id })
    return session
  }

  #endJoin(line: Line): void {
    this.#joining--
    if (this.isJoining) return
    this.#onLastJoin()
    for (const id of this.#left) if (!this.sessions.has(id)) line.tell('chat:leave', { sessionId: id })
    this.#left.clear()
  }
}
