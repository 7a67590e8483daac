import type { IncomingMessage } from 'node:http'
import type { Server as Engine } from 'engine.io'
import type { AddressOf } from './address.ts'
import type { Limiter } from './limiter.ts'

/** Bounds how many sockets one address opens, and has open here at once. */
export interface Door {
  /** Whose connection this is. */
  addressOf(connection: object): string
  /** Counts an entrance. Null: it may; else milliseconds after which it may. */
  admit(address: string): Promise<number | null>
  /** Whether so many connections are open that not even a reason is given to one more. */
  isFull(request: IncomingMessage): boolean
}

/** When it is worth looking whether one of too many sockets was closed, in milliseconds. */
const CLOSED_RETRY_MS = 5_000
/** Refused clients stay connected for a moment, so that they can be told why; so many times the limit in all. */
const WITH_REFUSED = 2

/** Watches the connections of `engine`. */
export function createDoor(engine: Engine, addressOf: AddressOf, limiter: Limiter): Door {
  const addresses = new WeakMap<object, string>()
  const open = new Map<string, number>()
  const count = (address: string) => open.get(address) ?? 0

  engine.on('connection', (connection: Connection) => {
    // Later the request may have lost its own connection, and with it the address.
    const address = addressOf(connection.request)
    addresses.set(connection, address)
    open.set(address, count(address) + 1)
    connection.once('close', () => {
      if (count(address) > 1) open.set(address, count(address) - 1)
      else open.delete(address)
    })
  })
  return {
    addressOf: (connection) => addresses.get(connection) ?? 'unknown',
    admit: async (address) =>
      count(address) > limiter.socketsPerAddress
        ? CLOSED_RETRY_MS
        : await limiter.take('connectsPerAddress', address),
    isFull: (request) => count(addressOf(request)) >= limiter.socketsPerAddress * WITH_REFUSED,
  }
}

/** What this needs of an Engine.IO connection. */
interface Connection {
  readonly request: IncomingMessage
  once(event: 'close', listener: () => void): unknown
}
