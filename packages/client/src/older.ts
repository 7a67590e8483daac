import type { Line } from './line.ts'
import type { SessionInput } from './reducer.ts'
import type { SessionState } from './state.ts'

/** What reading older messages needs of its session. */
export interface OlderHost {
  readonly id: string
  readonly state: { get(): SessionState }
  dispatch(input: SessionInput): void
  /** The line of now. @throws {ChatError} if there is none. */
  open(): Line
}

/** Reads older messages of a session, one page at a time. */
export class Older {
  readonly #host: OlderHost
  #reading: Promise<boolean> | null = null

  constructor(host: OlderHost) {
    this.#host = host
  }

  /** @see ChatSession.loadOlder */
  load(): Promise<boolean> {
    this.#reading ??= this.#load().finally(() => {
      this.#reading = null
    })
    return this.#reading
  }

  async #load(): Promise<boolean> {
    const { id: sessionId, state } = this.#host
    for (;;) {
      const { messages, hasMore, revision } = state.get()
      const oldest = messages[0]
      if (!oldest || !hasMore) return false
      const page = await this.#host.open().request('chat:history', { sessionId, beforeSeq: oldest.seq })
      // After a change the page may not fit any more, or be older than rows that were dropped meanwhile.
      if (state.get().revision !== revision) continue
      this.#host.dispatch({ type: 'history', beforeSeq: oldest.seq, page })
      return state.get().hasMore
    }
  }
}
