import type { ChatNamespace } from './socket-server.ts'

const SESSION = 'session:'
const USER = 'user:'
const LOGIN = 'login:'

/** Room of everybody who has a session open. */
export const sessionRoom = (sessionId: string) => `${SESSION}${sessionId}`
/** Room of everything that one person has open. */
export const userRoom = (userId: string) => `${USER}${userId}`
/** Room of everything that one login session let in. */
export const loginRoom = (loginId: string) => `${LOGIN}${loginId}`

/** Ids of the rooms in which sockets of this process are. */
export interface RoomsHere {
  readonly sessionIds: readonly string[]
  readonly userIds: readonly string[]
  readonly loginIds: readonly string[]
}

/** @see RoomsHere */
export function roomsHere(chat: ChatNamespace): RoomsHere {
  const rooms = [...chat.adapter.rooms.keys()]
  const idsOf = (kind: string) =>
    rooms.filter((room) => room.startsWith(kind)).map((room) => room.slice(kind.length))
  return { sessionIds: idsOf(SESSION), userIds: idsOf(USER), loginIds: idsOf(LOGIN) }
}
