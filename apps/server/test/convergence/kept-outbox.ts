import type { OutboxStorage, StoredMessage } from '@parley/client'

/** What a browser keeps for one tab. It outlives the tab's pages, of which one lives at a time. */
export class KeptOutbox {
  readonly #messages = new Map<string, StoredMessage>()
  #page: OutboxStorage | null = null

  /** The storage as the tab's next page sees it; an earlier page is gone and writes nothing more. */
  newPage(): OutboxStorage {
    const page: OutboxStorage = {
      claim: async (userId, sessionId) =>
        [...this.#messages.values()]
          .filter((message) => message.userId === userId && message.sessionId === sessionId)
          .sort((a, b) => a.place - b.place),
      put: (message) => {
        if (this.#page === page) this.#messages.set(message.clientMessageId, message)
      },
      remove: ({ clientMessageId }) => {
        if (this.#page === page) this.#messages.delete(clientMessageId)
      },
    }
    this.#page = page
    return page
  }

  /** What still waits to be sent. */
  get waiting(): readonly StoredMessage[] {
    return [...this.#messages.values()]
  }
}
