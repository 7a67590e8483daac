import type { OutboxStorage, StoredMessage } from '@parley/client'
import { randomId } from '@parley/client'
import { ErrorCode } from '@parley/protocol'
import { z } from 'zod'

/** Tells the living pages of a browser apart. */
export interface Pages {
  /** Says that the page of this name lives, until it goes. */
  live(name: string): void
  /** Names of the pages that live. */
  living(): Promise<ReadonlySet<string>>
  /** Does something that no other page does at the same time; null if one does it now. */
  alone<T>(work: () => Promise<T>): Promise<T | null>
}

const PREFIX = 'parley.outbox.'

const Kept = z.object({
  /** Name of the page that sends it. */
  page: z.string(),
  userId: z.string(),
  sessionId: z.string(),
  clientMessageId: z.string(),
  content: z.string(),
  replaces: z.string().nullable(),
  place: z.number(),
  error: z.union([ErrorCode, z.enum(['TIMEOUT', 'DISCONNECTED', 'BAD_REPLY'])]).nullable(),
})

/**
 * Keeps what waits to be sent in a browser's storage, over a reload and a closed tab. Each message is an
 * entry of its own, so that two tabs never overwrite each other, and has one page that sends it; another
 * one takes it over only once that page is gone. `pages` is undefined where a browser cannot tell: then
 * two tabs may send the same, which the server answers as a repeat [M2].
 */
export function createStoredOutbox(storage: () => Storage, pages: Pages | undefined): OutboxStorage {
  const page = randomId()
  pages?.live(page)
  const write = (message: StoredMessage) =>
    quietly(() => storage().setItem(PREFIX + message.clientMessageId, JSON.stringify({ ...message, page })))
  const take = async (userId: string, sessionId: string, living: ReadonlySet<string>) => {
    const free = readAll(storage).filter(
      (kept) =>
        kept.message.userId === userId &&
        kept.message.sessionId === sessionId &&
        (kept.page === page || !living.has(kept.page)),
    )
    const messages = free.map(({ message }) => message)
    for (const message of messages) write(message)
    return messages.sort((a, b) => a.place - b.place)
  }
  return {
    put: write,
    remove: ({ clientMessageId }) => quietly(() => storage().removeItem(PREFIX + clientMessageId)),
    claim: async (userId, sessionId) => {
      if (!pages) return take(userId, sessionId, new Set())
      return (await pages.alone(async () => take(userId, sessionId, await pages.living()))) ?? []
    },
  }
}

function readAll(storage: () => Storage): { readonly page: string; readonly message: StoredMessage }[] {
  try {
    const all = storage()
    const keys = Array.from({ length: all.length }, (_, index) => all.key(index) ?? '')
    return keys
      .filter((key) => key.startsWith(PREFIX))
      .flatMap((key) => {
        const parsed = Kept.safeParse(parse(all.getItem(key)))
        if (!parsed.success) return []
        const { page, ...message } = parsed.data
        return [{ page, message }]
      })
  } catch {
    return []
  }
}

function parse(text: string | null): unknown {
  try {
    return JSON.parse(text ?? 'null')
  } catch {
    return null
  }
}

/** Where the storage is blocked or full, what waits lives only on the page. */
function quietly(work: () => void): void {
  try {
    work()
  } catch {
    // See above.
  }
}

const LIVES = 'parley.page.'

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
      const names = held.map(({ name = '' }) => name).filter((name) => name.startsWith(LIVES))
      return new Set(names.map((name) => name.slice(LIVES.length)))
    },
    alone: (work) =>
      locks.request('parley.outbox', { ifAvailable: true }, async (lock) => (lock ? work() : null)),
  }
}
