import type { ChatErrorCode } from './errors.ts'

/** A message that waits to be sent, as it is stored. */
export interface StoredMessage {
  /** Whose it is: it never goes out as somebody else. */
  readonly userId: string
  readonly sessionId: string
  readonly clientMessageId: string
  readonly content: string
  /** The message that it is to stand in the place of; null: none. */
  readonly replaces: string | null
  /** Its place among those of its session; only the order of these numbers counts. */
  readonly place: number
  /** Why it was refused, so that it waits for the person; null: it goes out by itself. */
  readonly error: ChatErrorCode | null
}

/**
 * Where a client keeps what waits to be sent, so that it outlives the page. Nothing of it may throw: what
 * cannot be stored lives only as long as the page.
 */
export interface OutboxStorage {
  /**
   * The messages of one person and session that this page put, or that no living page holds; these are
   * this page's from now on. In order of `place`. Must not wait long for another page.
   */
  claim(userId: string, sessionId: string): Promise<readonly StoredMessage[]>
  /** Stores a message, in the place of the one with its `clientMessageId`. */
  put(message: StoredMessage): void
  /** Forgets a message. */
  remove(message: StoredMessage): void
  /**
   * Calls `listener` when messages may have become free that another page held: it was closed. Returns a
   * function that ends it. Absent where there are no other pages.
   */
  onFreed?(listener: () => void): () => void
}
