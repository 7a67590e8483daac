import { type EventName, type PayloadIn, type ServerEvents, send, serverEvents } from '@parley/protocol'
import type { Broadcaster, Log } from '../chat/ports.ts'
import { sessionRoom, userRoom } from './rooms.ts'
import type { ChatNamespace } from './socket-server.ts'

/** A Broadcaster over Socket.IO's rooms, which its adapter carries to every process. Never throws. */
export function createBroadcaster(chat: ChatNamespace, log: Log): Broadcaster {
  /** What is told is committed already; whoever misses it catches up by revision. */
  const told = (event: string, tell: () => void) => {
    try {
      tell()
    } catch (cause) {
      log.error({ event, err: cause }, 'a broadcast failed')
    }
  }
  return {
    toSession: <E extends EventName<ServerEvents>>(
      sessionId: string,
      event: E,
      payload: PayloadIn<ServerEvents, E>,
      exceptSocket?: string,
    ) => {
      const room = chat.to(sessionRoom(sessionId))
      told(event, () =>
        send(exceptSocket === undefined ? room : room.except(exceptSocket), serverEvents, event, payload),
      )
    },
    toUser: (userId, event, payload) =>
      told(event, () => send(chat.to(userRoom(userId)), serverEvents, event, payload)),
  }
}
