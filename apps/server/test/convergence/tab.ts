import { type ChatClient, ChatError, type ChatSession, createChatClient, type Timing } from '@parley/client'
import type { BadLine } from './bad-line.ts'
import { KeptOutbox } from './kept-outbox.ts'
import { labelled } from './numbered-model.ts'
import { newView, type Witness } from './witness.ts'

/** As a client's own, but shorter; and nothing is ever given up, so that every message has to arrive. */
const quickTiming: Partial<Timing> = {
  reconnectAttempts: 1_000_000,
  reconnectBaseMs: 8,
  reconnectMaxMs: 400,
  stableMs: 100,
  gapHoldMs: 8,
  flushMs: 8,
  sendTries: 1_000_000,
}

/** Codes that a request may fail with because of its line. */
const OF_LINE: ReadonlySet<string> = new Set(['DISCONNECTED', 'TIMEOUT', 'BUSY'])

/** Who opens what through which proxy, and who looks on. */
export interface TabParts {
  readonly name: string
  readonly userId: string
  readonly personaId: string
  readonly line: BadLine
  /** How long its client waits for an answer, in milliseconds. */
  readonly patienceMs: number
  readonly witness: Witness
  readonly trace: (line: string) => void
}

/** One tab of a person: a whole client, which a reload replaces by a new one on the same storage. */
export class Tab {
  readonly name: string
  readonly line: BadLine
  readonly outbox = new KeptOutbox()
  /** Labels of all that was sent or edited here, in order. */
  readonly said: string[] = []
  /** What went wrong that no line can be blamed for. */
  readonly faults: string[] = []
  readonly #parts: TabParts
  #client: ChatClient
  #session: ChatSession | null = null
  #joining: Promise<void> | null = null
  #pages = 0
  #stopWatching = () => {}

  constructor(parts: TabParts) {
    this.#parts = parts
    this.name = parts.name
    this.line = parts.line
    this.#client = this.#newPage()
  }

  /** The open session; null while there is none. */
  get session(): ChatSession | null {
    return this.#session
  }

  get isOnline(): boolean {
    return this.#client.connection.get().status === 'online'
  }

  /** Opens the session unless it is open or about to be. */
  join(): void {
    if (this.#joining || this.#session) return
    const joining = this.#join(this.#client).finally(() => {
      if (this.#joining === joining) this.#joining = null
    })
    this.#joining = joining
  }

  leave(): void {
    this.#stopWatching()
    this.#session?.leave()
    this.#session = null
  }

  /** The page goes and comes again. */
  reload(): void {
    this.close()
    this.#client = this.#newPage()
    this.#joining = null
    this.join()
  }

  goOffline(): void {
    this.line.setReachable(false)
  }

  goOnline(): void {
    this.line.setReachable(true)
    this.#client.wake()
  }

  /** Says something, in the place of the message `replaces` if it is given. */
  say(words: string, replaces?: string): void {
    if (!this.#session) return
    const label = `${this.#parts.userId}.${this.name}.${this.said.length + 1}`
    this.said.push(label)
    const content = labelled(label, words)
    this.request(replaces === undefined ? this.#session.send(content) : this.#session.edit(replaces, content))
  }

  /** Looks after a request whose answer nobody waits for. */
  request(work: Promise<unknown>): void {
    work.catch((cause: unknown) => {
      const isOfLine = cause instanceof ChatError && OF_LINE.has(cause.code)
      this.#parts.trace(`${this.name}: ${cause}`)
      if (!isOfLine) this.faults.push(`${this.name}: ${cause}`)
    })
  }

  /** The page goes. */
  close(): void {
    this.#stopWatching()
    this.#session = null
    this.outbox.newPage()
    this.#client.close()
    if (this.#client.badFrames > 0) this.faults.push(`${this.name}: ${this.#client.badFrames} bad frames`)
  }

  #newPage(): ChatClient {
    this.#pages++
    const { userId, patienceMs } = this.#parts
    return createChatClient({
      url: this.line.url,
      credentials: async () => ({ userId }),
      timing: { ...quickTiming, connectTimeoutMs: patienceMs, requestTimeoutMs: patienceMs },
      outbox: this.outbox.newPage(),
      transports: ['websocket'],
    })
  }

  async #join(client: ChatClient): Promise<void> {
    const { personaId, witness, trace } = this.#parts
    try {
      const session = await client.join({ personaId })
      if (client !== this.#client) return
      this.#stopWatching()
      this.#session = session
      const page = `${this.name} (page ${this.#pages})`
      const view = newView()
      const look = () => witness.see(page, view, session.state.get())
      look()
      this.#stopWatching = session.state.subscribe(look)
    } catch (cause) {
      trace(`${this.name} did not join: ${cause}`)
      const isOfLine = cause instanceof ChatError && OF_LINE.has(cause.code)
      if (!isOfLine) this.faults.push(`${this.name} did not join: ${cause}`)
    }
  }
}
