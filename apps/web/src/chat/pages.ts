/** Tells the living pages of a browser apart. */
export interface Pages {
  /** Says that the page of this name lives, until it goes. */
  live(name: string): void
  /** Names of the pages that live. */
  living(): Promise<ReadonlySet<string>>
  /** Calls `then` once the page of this name lives no more; at once if it does not. */
  outlive(name: string, then: () => void): void
  /** Does something that no other page does at the same time; null if one does it for too long. */
  alone<T>(work: () => Promise<T>): Promise<T | null>
}

const LIVES = 'parley.page.'
/** How long to wait for another page; a frozen one may keep its locks. In milliseconds. */
const PATIENCE_MS = 1_000

/** The pages of this browser by its locks; undefined where it has none. */
export function browserPages(): Pages | undefined {
  if (!('locks' in navigator)) return undefined
  const { locks } = navigator
  return {
    live: (name) => {
      // A lock goes with its page.
      void locks.request(LIVES + name, () => new Promise(() => undefined)).catch(() => undefined)
    },
    living: async () => {
      const { held = [] } = await locks.query()
      // Those who wait for a page's end share its lock for a moment once it is gone.
      const names = held.filter(({ mode }) => mode === 'exclusive').map(({ name = '' }) => name)
      return new Set(names.filter((name) => name.startsWith(LIVES)).map((name) => name.slice(LIVES.length)))
    },
    outlive: (name, then) => {
      void locks.request(LIVES + name, { mode: 'shared' }, () => undefined).then(then, () => undefined)
    },
    alone: async (work) => {
      const signal = AbortSignal.timeout(PATIENCE_MS)
      try {
        return await locks.request('parley.outbox', { signal }, work)
      } catch (cause) {
        if (signal.aborted) return null
        throw cause
      }
    },
  }
}
