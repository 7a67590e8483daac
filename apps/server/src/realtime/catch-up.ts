import { setTimeout } from 'node:timers/promises'
import { send, serverEvents } from '@parley/protocol'
import type { Log, Store } from '../chat/ports.ts'
import { roomsHere, userRoom } from './rooms.ts'
import type { ChatNamespace } from './socket-server.ts'

/** Sessions, and people, that one query asks about. */
const ASKED_AT_ONCE = 500
/** What changed shortly before a gap may have been missed as well; in milliseconds. */
const MARGIN_MS = 30_000
/** Wait before a database that is away is asked again, in milliseconds. */
const AGAIN_MS = 1_000

/**
 * Tells the sockets of this process how their sessions stand after broadcasts of other processes may have
 * been missed. Whoever is behind sees that by the revision and syncs; for all others it is no news.
 */
export class CatchUp {
  readonly #chat: ChatNamespace
  readonly #store: Store
  readonly #log: Log
  #asked: number | null = null
  #running = false
  #failed = false
  #ended = false

  constructor(chat: ChatNamespace, store: Store, log: Log) {
    this.#chat = chat
    this.#store = store
    this.#log = log
  }

  /** @param forMs how far back something may have been missed, in milliseconds. */
  ask(forMs: number): void {
    this.#asked = Math.max(this.#asked ?? 0, forMs)
    if (!this.#running) void this.#run()
  }

  /** The process is about to end: what fails is not tried again. */
  end(): void {
    this.#ended = true
  }

  async #run(): Promise<void> {
    this.#running = true
    // What is asked for while it runs may have come after its queries.
    for (let forMs = this.#take(); forMs !== null; forMs = this.#take()) {
      try {
        await this.#tellAll(forMs + MARGIN_MS)
        this.#failed = false
      } catch (cause) {
        if (this.#ended) return
        if (!this.#failed) this.#log.warn({ err: cause }, 'sockets have to wait for what they missed')
        this.#failed = true
        this.ask(forMs + AGAIN_MS)
        await setTimeout(AGAIN_MS, null, { ref: false })
      }
    }
    this.#running = false
  }

  #take(): number | null {
    const asked = this.#asked
    this.#asked = null
    return asked
  }

  async #tellAll(withinMs: number): Promise<void> {
    const { sessionIds, userIds } = roomsHere(this.#chat)
    const slice = (ids: readonly string[], from: number) => ids.slice(from, from + ASKED_AT_ONCE)
    for (let from = 0; from < Math.max(sessionIds.length, userIds.length); from += ASKED_AT_ONCE) {
      const standing = await this.#store.standing({
        sessionIds: slice(sessionIds, from),
        userIds: slice(userIds, from),
        withinMs,
      })
      for (const { userId, session } of standing) {
        send(this.#chat.local.to(userRoom(userId)), serverEvents, 'chat:session', session)
      }
    }
  }
}
