import { limits } from '@parley/protocol'

/** What this needs of an Engine.IO connection. */
export interface Connection {
  on(event: 'packetCreate', listener: (packet: { data?: unknown }) => void): unknown
  on(event: 'flush', listener: () => void): unknown
  close(discard?: boolean): void
}

/**
 * Disconnects a socket that leaves too much unread [S3]: what is not read piles up in this process.
 * The client catches up when it joins again. Only what waits behind the batch on its way counts, and
 * not the packet that joins it: one large page is no fault of its reader, who would get it again and
 * again. Counts characters, which is close enough to bytes.
 */
export function guardSlowSocket(connection: Connection, onSlow: () => void): void {
  let waiting = 0
  connection.on('packetCreate', ({ data }) => {
    if (waiting > limits.socketBufferBytes) {
      onSlow()
      connection.close(true)
      return
    }
    waiting += typeof data === 'string' ? data.length : 0
  })
  connection.on('flush', () => {
    waiting = 0
  })
}
