import { type ChatError, losesLine, toChatError } from './errors.ts'
import type { Line } from './line.ts'
import { Patience } from './patience.ts'
import { Pause } from './pause.ts'
import type { SessionInput } from './reducer.ts'
import type { OpenSession } from './session.ts'
import type { Timing } from './timing.ts'

/** What a rejoiner needs of its client. */
export interface RejoinHost {
  readonly sessions: ReadonlyMap<string, OpenSession>
  readonly timing: Timing
  /** Does a join while events whose session may not be known yet are kept [J1]. */
  readonly whileJoining: <T>(line: Line, join: () => Promise<T>) => Promise<T>
  /** The session is joined on `line`; `joined` brings its state up to date. */
  readonly attach: (session: OpenSession, line: Line, joined: SessionInput) => void
}

/** Joins the open sessions again on a new line [C4]. One that the server refuses holds up no other. */
export class Rejoiner {
  readonly #host: RejoinHost

  constructor(host: RejoinHost) {
    this.#host = host
  }

  /**
   * Asks once for every session. What was refused for now is tried again by itself while the line
   * lives; what was refused for good, or too often, fails that session.
   *
   * @throws {ChatError} if another line may do better.
   */
  async joinAll(line: Line): Promise<void> {
    const sessions = [...this.#host.sessions.values()]
    await Promise.all(sessions.map((session) => this.#join(line, session, new Patience(this.#host.timing))))
  }

  async #join(line: Line, session: OpenSession, patience: Patience): Promise<void> {
    try {
      await this.#host.whileJoining(line, async () => {
        const joined = await session.rejoin(line)
        if (this.#lacks(line, session)) this.#host.attach(session, line, joined)
      })
    } catch (cause) {
      const error = toChatError(cause)
      if (!line.isOpen || isOfServer(error)) throw error
      if (!this.#lacks(line, session)) return
      const waitMs = patience.waitAfter(error)
      if (waitMs === null) session.fail(error)
      else void this.#joinLater(line, session, patience, waitMs)
    }
  }

  async #joinLater(line: Line, session: OpenSession, patience: Patience, waitMs: number): Promise<void> {
    const pause = new Pause()
    void line.closed.then(() => pause.end())
    await pause.last(waitMs)
    if (!this.#lacks(line, session)) return
    await this.#join(line, session, patience).catch((cause: unknown) => line.drop(toChatError(cause)))
  }

  /** Whether a session is still to be joined: it may have been left, or opened anew, meanwhile. */
  #lacks(line: Line, session: OpenSession): boolean {
    return line.isOpen && !session.isJoined && this.#host.sessions.get(session.id) === session
  }
}

/** Whether a failure says nothing of the session, but that no session can be joined here now. */
function isOfServer(error: ChatError): boolean {
  return losesLine(error) || error.code === 'STORAGE_UNAVAILABLE'
}
