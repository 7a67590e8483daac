import type { ChatErrorCode } from './errors.ts'
import type { Outgoing } from './outgoing.ts'
import type { OutboxStorage, StoredMessage } from './storage.ts'

/** Whose messages a shelf holds. */
export interface ShelfOwner {
  readonly id: string
  readonly userId: string
}

/** The messages of one session as they are stored, and which of them wait for the person. */
export class OutboxShelf {
  readonly #owner: ShelfOwner
  readonly #storage: OutboxStorage | undefined
  /** Refused, and waiting for the person. */
  readonly #refused = new Map<string, StoredMessage>()
  #lastPlace = 0

  constructor(owner: ShelfOwner, storage: OutboxStorage | undefined) {
    this.#owner = owner
    this.#storage = storage
  }

  /** Puts a message behind all others; one that was refused waits for the person no more. */
  put({ clientMessageId, content, replaces }: Outgoing): StoredMessage {
    const { userId, id: sessionId } = this.#owner
    this.#refused.delete(clientMessageId)
    this.#lastPlace = Math.max(this.#lastPlace + 1, Date.now())
    const place = this.#lastPlace
    const message = { userId, sessionId, clientMessageId, content, replaces, place, error: null }
    this.#storage?.put(message)
    return message
  }

  /** What is stored and held by no page, in order: from an earlier page, or from one that was closed. */
  async claim(): Promise<readonly StoredMessage[]> {
    const { userId, id } = this.#owner
    const stored = (await this.#storage?.claim(userId, id).catch(() => [])) ?? []
    const ours = stored.filter((message) => message.userId === userId && message.sessionId === id)
    for (const { place } of ours) this.#lastPlace = Math.max(this.#lastPlace, place)
    return ours
  }

  /** Takes a message down for good. */
  remove(message: StoredMessage): void {
    this.#refused.delete(message.clientMessageId)
    this.#storage?.remove(message)
  }

  /** Lets a message wait for the person, over a reload too. */
  refuse(message: StoredMessage, code: ChatErrorCode): void {
    const refused = { ...message, error: code }
    this.#refused.set(message.clientMessageId, refused)
    this.#storage?.put(refused)
  }

  /** Lets a message wait for the person as long as the page lives; as it is stored, it waits for no one. */
  lay(message: StoredMessage): void {
    this.#refused.set(message.clientMessageId, message)
  }

  /** Lets a message that was refused earlier go out. */
  forgive(message: StoredMessage): void {
    this.#refused.delete(message.clientMessageId)
  }

  /** Lets no message wait for the person on this page; what is stored stays as it is. */
  forgiveAll(): void {
    this.#refused.clear()
  }

  /** The message of this id that waits for the person. */
  refused(clientMessageId: string): StoredMessage | undefined {
    return this.#refused.get(clientMessageId)
  }
}
