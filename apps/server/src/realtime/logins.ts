import { randomUUID } from 'node:crypto'
import { errors, send, serverEvents } from '@parley/protocol'
import type { Identities, Log } from '../chat/ports.ts'
import { loginRoom, roomsHere, userRoom } from './rooms.ts'
import type { ChatNamespace } from './socket-server.ts'

/** Login sessions that one query asks about. */
const ASKED_AT_ONCE = 1_000

/** Tells the sockets of a login session, on every process that can be reached, that it is over, and closes them. */
export function endLogin(chat: ChatNamespace, loginId: string): void {
  shutOut(chat.to(loginRoom(loginId)))
}

/** The same for everything that a user has open. */
export function shutOutUser(chat: ChatNamespace, userId: string): void {
  shutOut(chat.to(userRoom(userId)))
}

/** Shuts out the sockets here whose credential, one without a login session, has expired. */
export function endExpired(chat: ChatNamespace): void {
  const now = Date.now()
  for (const { id, data } of chat.sockets.values()) {
    if (data.endsAt !== null && data.endsAt <= now) shutOut(chat.local.to(id))
  }
}

/**
 * Shuts out the sockets here whose login session is over: ended on a process that could not tell, or
 * expired. One query for all of them.
 */
export async function endLoginsThatAreOver(
  chat: ChatNamespace,
  identities: Identities,
  log: Log,
): Promise<void> {
  const { loginIds } = roomsHere(chat)
  for (let from = 0; from < loginIds.length; from += ASKED_AT_ONCE) {
    const asked = loginIds.slice(from, from + ASKED_AT_ONCE)
    const lasting = await identities.lasting(asked)
    const over = asked.filter((loginId) => !lasting.has(loginId))
    for (const loginId of over) shutOut(chat.local.to(loginRoom(loginId)))
    if (over.length > 0) log.info({ logins: over.length }, 'login sessions are over')
  }
}

function shutOut(sockets: ReturnType<ChatNamespace['to']>): void {
  send(sockets, serverEvents, 'chat:error', {
    error: 'NOT_AUTHENTICATED',
    message: errors.NOT_AUTHENTICATED.sentence,
    requestId: randomUUID(),
  })
  sockets.disconnectSockets(true)
}
