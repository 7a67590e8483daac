import { type EventName, type PayloadIn, type ServerEvents, send, serverEvents } from '@parley/protocol'
import type { Broadcaster } from '../chat/ports.ts'
import type { ChatNamespace } from './socket-server.ts'

/** Room of everybody who has a session open. */
export const sessionRoom = (sessionId: string) => `session:${sessionId}`
/** Room of everything that one person has open. */
export const userRoom = (userId: string) => `user:${userId}`

/** A Broadcaster over Socket.IO's rooms, which its adapter carries to every process. */
export function createBroadcaster(chat: ChatNamespace): Broadcaster {
  return {
    toSession: <E extends EventName<ServerEvents>>(
      sessionId: string,
      event: E,
      payload: PayloadIn<ServerEvents, E>,
      exceptSocket?: string,
    ) => {
      const room = chat.to(sessionRoom(sessionId))
      send(exceptSocket === undefined ? room : room.except(exceptSocket), serverEvents, event, payload)
    },
    toUser: (userId, event, payload) => send(chat.to(userRoom(userId)), serverEvents, event, payload),
  }
}
