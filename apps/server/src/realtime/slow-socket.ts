import { limits } from '@parley/protocol'

/** What this needs of an Engine.IO connection. */
export interface Connection {
  on(event: 'packetCreate', listener: (packet: { data?: unknown }) => void): unknown
  on(event: 'flush' | 'drain', listener: () => void): unknown
  close(discard?: boolean): void
}

/**
 * Disconnects a socket that leaves too much unread [S3]: what is not read piles up in this process.
 * The client catches up when it joins again. Counts characters, which is close enough to bytes.
 */
export function guardSlowSocket(connection: Connection, onSlow: () => void): void {
  let waiting = 0
  let inFlight = 0
  connection.on('packetCreate', ({ data }) => {
    waiting += typeof data === 'string' ? data.length : 0
    if (waiting + inFlight <= limits.socketBufferBytes) return
    onSlow()
    connection.close(true)
  })
  connection.on('flush', () => {
    inFlight = waiting
    waiting = 0
  })
  connection.on('drain', () => {
    inFlight = 0
  })
}
