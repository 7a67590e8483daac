/** What is written and not sent yet, kept while the tab lives, a reload included. */
export interface Drafts {
  read(sessionId: string): string
  write(sessionId: string, text: string): void
  /** Forgets all of them. */
  clear(): void
}

const PREFIX = 'parley.draft.'
/** Longer drafts are not kept: the tab's storage is small. */
const MAX_LENGTH = 100_000

/** Keeps drafts in a tab's storage; where it is blocked or full, nothing is kept. */
export function createDrafts(storage: () => Storage): Drafts {
  const key = (sessionId: string) => PREFIX + sessionId
  return {
    read: (sessionId) => {
      try {
        return storage().getItem(key(sessionId)) ?? ''
      } catch {
        return ''
      }
    },
    write: (sessionId, text) => {
      try {
        if (text === '' || text.length > MAX_LENGTH) storage().removeItem(key(sessionId))
        else storage().setItem(key(sessionId), text)
      } catch {
        // The draft lives only on the page, then.
      }
    },
    clear: () => {
      try {
        const kept = Object.keys(storage()).filter((name) => name.startsWith(PREFIX))
        for (const name of kept) storage().removeItem(name)
      } catch {
        // Nothing was kept, then.
      }
    },
  }
}
