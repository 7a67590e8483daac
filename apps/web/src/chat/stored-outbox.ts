import type { OutboxStorage, StoredMessage } from '@parley/client'
import { randomId } from '@parley/client'
import { ErrorCode } from '@parley/protocol'
import { z } from 'zod'
import type { Pages } from './pages.ts'

const PREFIX = 'parley.outbox.'
/** What nobody opened the conversation of for so long is forgotten. In milliseconds: 30 days. */
const MAX_AGE_MS = 30 * 24 * 60 * 60 * 1_000

const Kept = z.object({
  /** Name of the page that sends it. */
  page: z.string(),
  /** When the person sent it, or a server refused it last. */
  storedAt: z.number(),
  userId: z.string(),
  sessionId: z.string(),
  clientMessageId: z.string(),
  content: z.string(),
  replaces: z.string().nullable(),
  place: z.number(),
  error: z.union([ErrorCode, z.enum(['TIMEOUT', 'DISCONNECTED', 'BAD_REPLY'])]).nullable(),
})
type Kept = z.infer<typeof Kept>

/** What waits to be sent, of all conversations. */
export interface StoredOutbox extends OutboxStorage {
  /** Sessions of a person in which something waits that no living page sends. */
  left(userId: string): Promise<ReadonlySet<string>>
  onFreed(listener: () => void): () => void
  /** Makes what a guest left the account's that this guest has become: the conversations have moved too. */
  adopt(fromUserId: string, toUserId: string): void
  /** Forgets everything of a person who is no more. */
  forget(userId: string): void
}

/**
 * Keeps what waits to be sent in a browser's storage, over a reload and a closed tab. Each message is an
 * entry of its own, so that two tabs never overwrite each other, and has one page that sends it; another
 * one takes it over as soon as that page is gone. `pages` is undefined where a browser cannot tell: then
 * two tabs may send the same, which the server answers as a repeat [M2].
 */
export function createStoredOutbox(storage: () => Storage, pages: Pages | undefined): StoredOutbox {
  const page = randomId()
  const listeners = new Set<() => void>()
  const others = new Set<string>()
  pages?.live(page)
  /** Other pages are told from what they store; the first look may come before or after they do. */
  const watch = (kept: Kept | null) => {
    if (!kept || !pages || kept.page === page || others.has(kept.page)) return
    others.add(kept.page)
    pages.outlive(kept.page, () => {
      others.delete(kept.page)
      for (const listener of [...listeners]) listener()
    })
  }
  const take = (userId: string, sessionId: string, living: ReadonlySet<string>) => {
    const all = readAll(storage)
    const free = all
      .filter((kept) => kept.userId === userId && kept.sessionId === sessionId)
      .filter((kept) => kept.page === page || !living.has(kept.page))
    for (const kept of free) write(storage, { ...kept, page })
    for (const kept of all) if (living.has(kept.page)) watch(kept)
    return free.map(messageOf).sort((a, b) => a.place - b.place)
  }
  return {
    put: (message) => write(storage, { ...message, page, storedAt: Date.now() }),
    remove: ({ clientMessageId }) => drop(storage, clientMessageId),
    claim: async (userId, sessionId) => {
      forgetOld(storage)
      if (!pages) return take(userId, sessionId, new Set())
      return (await pages.alone(async () => take(userId, sessionId, await pages.living()))) ?? []
    },
    left: async (userId) => {
      const living = (await pages?.living()) ?? new Set()
      const left = readAll(storage).filter(
        (kept) => kept.userId === userId && kept.error === null && !living.has(kept.page),
      )
      return new Set(left.map(({ sessionId }) => sessionId))
    },
    adopt: (fromUserId, toUserId) => {
      for (const kept of ofPerson(storage, fromUserId)) write(storage, { ...kept, userId: toUserId })
    },
    forget: (userId) => {
      for (const { clientMessageId } of ofPerson(storage, userId)) drop(storage, clientMessageId)
    },
    onFreed: (listener) => {
      const onStorage = ({ key, newValue }: StorageEvent) => {
        if (key?.startsWith(PREFIX)) watch(read(newValue))
      }
      listeners.add(listener)
      window.addEventListener('storage', onStorage)
      return () => {
        listeners.delete(listener)
        window.removeEventListener('storage', onStorage)
      }
    },
  }
}

function messageOf({ page: _, storedAt: __, ...message }: Kept): StoredMessage {
  return message
}

function forgetOld(storage: () => Storage): void {
  const oldest = Date.now() - MAX_AGE_MS
  for (const { storedAt, clientMessageId } of readAll(storage)) {
    if (storedAt < oldest) drop(storage, clientMessageId)
  }
}

function ofPerson(storage: () => Storage, userId: string): Kept[] {
  return readAll(storage).filter((kept) => kept.userId === userId)
}

function drop(storage: () => Storage, clientMessageId: string): void {
  quietly(() => storage().removeItem(PREFIX + clientMessageId))
}

function write(storage: () => Storage, kept: Kept): void {
  quietly(() => storage().setItem(PREFIX + kept.clientMessageId, JSON.stringify(kept)))
}

function readAll(storage: () => Storage): Kept[] {
  try {
    const all = storage()
    const keys = Array.from({ length: all.length }, (_, index) => all.key(index) ?? '')
    return keys
      .filter((key) => key.startsWith(PREFIX))
      .map((key) => read(all.getItem(key)))
      .filter((kept) => kept !== null)
  } catch {
    return []
  }
}

/** Null for what no page of this version wrote. */
function read(text: string | null): Kept | null {
  try {
    return Kept.nullable()
      .catch(null)
      .parse(JSON.parse(text ?? 'null'))
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
