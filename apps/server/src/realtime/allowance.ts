import { limits } from '@parley/protocol'
import { ChatFailure } from '../chat/failure.ts'
import type { Limiter } from './limiter.ts'
import { userRoom } from './rooms.ts'
import type { ChatSocket } from './socket-server.ts'

/**
 * What one socket may still do. Counted for the person and the address as well, so that more sockets, or a
 * new one each time, bring nobody more.
 *
 * @throws {ChatFailure} `RATE_LIMITED` from every method, with the time to wait.
 */
export interface Allowance {
  /** Counts an event of any kind but a stop. */
  event(): Promise<void>
  /** Counts something that a reply answers. */
  send(userId: string): Promise<void>
  stop(userId: string): Promise<void>
  /** Whether the person may have this socket open too. */
  open(userId: string): void
}

/** When it is worth looking whether the person has closed a tab, in milliseconds. */
const CLOSED_RETRY_MS = 5_000

/** Creates the allowance of a socket. */
export function createAllowance(socket: ChatSocket, limiter: Limiter): Allowance {
  const { address } = socket.data
  return {
    event: async () => {
      const ofSocket = await limiter.take('eventsPerSocket', socket.id)
      refuse(ofSocket ?? (await limiter.take('eventsPerAddress', address)))
    },
    send: async (userId) => refuse(await limiter.takeSend(userId, address)),
    stop: async (userId) => refuse(await limiter.take('stopsPerUser', userId)),
    open: (userId) => {
      const room = userRoom(userId)
      const opened = socket.nsp.adapter.rooms.get(room)?.size ?? 0
      if (opened < limits.socketsPerUser || socket.rooms.has(room)) return
      const sentence = 'Parley is open in too many places at once. Close one of them and try again.'
      throw new ChatFailure('RATE_LIMITED', { retryAfterMs: CLOSED_RETRY_MS, sentence })
    },
  }
}

function refuse(retryAfterMs: number | null): void {
  if (retryAfterMs !== null) throw new ChatFailure('RATE_LIMITED', { retryAfterMs })
}
