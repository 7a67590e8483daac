import { setTimeout } from 'node:timers/promises'
import { StorageUnavailable } from '../chat/ports.ts'

/** SQLSTATE of a row that somebody else made first; the call looks again and finds it. */
const TAKEN_STATE = '23505'
/** SQLSTATE classes and codes of a server that is not there, not ready, out of room or going away. */
const UNAVAILABLE_STATE = /^(08|53|57P|58|25006)/
const CONFLICT_STATE = /^(40001|40P01|55P03)$/

const UNAVAILABLE_TEXT =
  /ECONNREFUSED|ECONNRESET|EPIPE|ETIMEDOUT|ENOTFOUND|EAI_AGAIN|ENOENT.*\.s\.PGSQL|timeout exceeded when trying to connect|Connection terminated|Query read timeout|Can't reach database server|server closed the connection|Connection ended|not queryable|PGlite is closed/i
const CONFLICT_TEXT = /deadlock detected|could not serialize access|write conflict/i
const UNAVAILABLE_PRISMA = new Set(['P1001', 'P1002', 'P1008', 'P1017', 'P2024', 'P2037'])
/** Names of the driver adapters. A raw query carries nothing else of a connection that was reset. */
const UNAVAILABLE_KIND = new Set([
  'DatabaseNotReachable',
  'ConnectionClosed',
  'SocketTimeout',
  'TooManyConnections',
])

/** Tries of a statement that lost against another one. */
const CONFLICT_TRIES = 5
const CONFLICT_WAIT_MS = 10

/**
 * Runs a call of the database. One that lost against another transaction is tried again, with jitter;
 * every call of the store is a single statement, so it has left nothing behind.
 *
 * @throws {StorageUnavailable} when the database cannot be reached, or the call lost every time.
 */
export async function withFaults<T>(call: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await call()
    } catch (cause) {
      const kind = classify(cause)
      if (kind === 'unavailable') throw new StorageUnavailable('the database cannot be reached', { cause })
      if (kind === 'other' || (kind === 'taken' && attempt === CONFLICT_TRIES)) throw cause
      if (attempt === CONFLICT_TRIES) throw new StorageUnavailable('the database is too busy', { cause })
      await setTimeout(CONFLICT_WAIT_MS * attempt * (0.5 + Math.random()))
    }
  }
}

/** Prisma reports one fault in several shapes, so every layer of causes is looked at. */
function classify(cause: unknown): 'unavailable' | 'conflict' | 'taken' | 'other' {
  for (const layer of layers(cause)) {
    const { code, originalCode, kind } = layer.codes
    const states = [code, originalCode].filter((value) => typeof value === 'string')
    if (states.some((state) => CONFLICT_STATE.test(state)) || code === 'P2034') return 'conflict'
    if (states.some((state) => state === TAKEN_STATE || state === 'P2002')) return 'taken'
    if (kind === 'TransactionWriteConflict' || CONFLICT_TEXT.test(layer.message)) return 'conflict'
    if (isUnavailable(layer, states)) return 'unavailable'
  }
  return 'other'
}

function isUnavailable({ message, codes: { kind } }: Layer, states: readonly string[]): boolean {
  if (states.some((state) => UNAVAILABLE_STATE.test(state) || UNAVAILABLE_PRISMA.has(state))) return true
  return (typeof kind === 'string' && UNAVAILABLE_KIND.has(kind)) || UNAVAILABLE_TEXT.test(message)
}

interface Layer {
  readonly message: string
  readonly codes: { code?: unknown; originalCode?: unknown; kind?: unknown }
}

function layers(cause: unknown, depth = 0): Layer[] {
  if (typeof cause !== 'object' || cause === null || depth > 6) return []
  const message = 'message' in cause && typeof cause.message === 'string' ? cause.message : ''
  const own: Layer = { message, codes: cause }
  const inner = ['cause', 'meta', 'driverAdapterError'].flatMap((key) =>
    key in cause ? layers(Reflect.get(cause, key), depth + 1) : [],
  )
  const many = cause instanceof AggregateError ? cause.errors.flatMap((one) => layers(one, depth + 1)) : []
  return [own, ...inner, ...many]
}
