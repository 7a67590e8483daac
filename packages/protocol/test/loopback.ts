import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Server, type Socket as ServerSocket } from 'socket.io'
import { type Socket as ClientSocket, io } from 'socket.io-client'
import { CHAT_NAMESPACE, limits } from '../src/index.ts'

/** One real connection over loopback, untyped at both ends so that a test can send anything. */
export interface Loopback {
  readonly server: ServerSocket
  readonly client: ClientSocket
  close(): Promise<void>
}

/** Opens a Socket.IO server with the contract's frame limit and connects one client to it. */
export async function openLoopback(): Promise<Loopback> {
  const http = createServer()
  const server = new Server(http, { maxHttpBufferSize: limits.frameBytes })
  const connected = once(server.of(CHAT_NAMESPACE), 'connection')
  http.listen(0, '127.0.0.1')
  await once(http, 'listening')
  const client = io(`http://127.0.0.1:${portOf(http.address())}${CHAT_NAMESPACE}`, {
    transports: ['websocket'],
    reconnection: false,
    forceNew: true,
  })
  const [socket]: ServerSocket[] = await connected
  if (!socket) throw new Error('the server saw no connection')
  if (!client.connected) await new Promise<void>((resolve) => client.once('connect', resolve))
  return {
    server: socket,
    client,
    async close() {
      client.disconnect()
      await server.close()
    },
  }
}

/** The port of a listening server. */
export function portOf(address: AddressInfo | string | null): number {
  if (address === null || typeof address === 'string') throw new Error('not listening on a port')
  return address.port
}
