import type { AckData, ClientEvents, EventName, Message, PayloadIn } from '@parley/protocol'
import { ChatError, losesLine, toChatError } from './errors.ts'
import type { Line } from './line.ts'
import { randomId } from './random-id.ts'
import type { SessionInput } from './reducer.ts'
import type { Timing } from './timing.ts'

/** What requests about branches need of their session. */
export interface BranchHost {
  readonly id: string
  dispatch(input: SessionInput): void
}

interface Waiter {
  readonly resolve: (line: Line) => void
  readonly reject: (error: ChatError) => void
}

/**
 * Asks for new replies and for other branches [M6]. Needs a line to begin with; a request whose line is
 * lost goes out again on the next one, under the same id, so that it is done once [M2].
 */
export class Branches {
  readonly #host: BranchHost
  readonly #timing: Timing
  #line: Line | null = null
  #waiters: Waiter[] = []

  constructor(host: BranchHost, timing: Timing) {
    this.#host = host
    this.#timing = timing
  }

  /** Asks on `line` from now on; null: waits. */
  use(line: Line | null): void {
    this.#line = line
    if (line) for (const { resolve } of this.#waiters.splice(0)) resolve(line)
  }

  /** Gives up what waits for a line. */
  failAll(error: ChatError): void {
    for (const { reject } of this.#waiters.splice(0)) reject(error)
  }

  /** @see ChatSession.regenerate */
  async regenerate(messageId: string): Promise<Message> {
    const clientRequestId = randomId()
    const sessionId = this.#host.id
    const { change } = await this.#request('chat:regenerate', { sessionId, messageId, clientRequestId })
    this.#host.dispatch({ type: 'change', change })
    // The new reply is the youngest row: what else changed was there before.
    const reply = change.messages
      .filter(({ sender }) => sender === 'ai')
      .reduce<Message | undefined>(
        (youngest, row) => (youngest && youngest.seq > row.seq ? youngest : row),
        undefined,
      )
    if (!reply) throw new ChatError('BAD_REPLY', { event: 'chat:regenerate' })
    return reply
  }

  /** @see ChatSession.select */
  async select(messageId: string): Promise<void> {
    const { change, ...page } = await this.#request('chat:select', { sessionId: this.#host.id, messageId })
    this.#host.dispatch({ type: 'selected', change, page })
  }

  async #request<E extends EventName<ClientEvents>>(
    event: E,
    payload: PayloadIn<ClientEvents, E>,
  ): Promise<AckData<ClientEvents, E>> {
    let line = this.#line
    if (!line) throw new ChatError('DISCONNECTED', { event })
    for (let tries = 1; ; tries++) {
      try {
        return await line.request(event, payload)
      } catch (cause) {
        const error = toChatError(cause, event)
        if (!losesLine(error) || tries >= this.#timing.sendTries) throw error
        line = await this.#lineAfter(line)
      }
    }
  }

  #lineAfter(lost: Line): Promise<Line> {
    const line = this.#line
    if (line && line !== lost) return Promise.resolve(line)
    return new Promise((resolve, reject) => this.#waiters.push({ resolve, reject }))
  }
}
