import type { ChatClient, ChatSession, JoinRequest } from '@parley/client'

/**
 * How long a session that nobody looks at stays open, so that coming back to it is instant. One from which
 * something is still to be sent stays open until that is gone.
 */
const KEEP_MS = 30_000

interface Room {
  readonly session: ChatSession
  visitors: number
  closing: ReturnType<typeof setTimeout> | undefined
}

/** The sessions that are open on this page. Each `enter` is ended by one `exit`. */
export interface Rooms {
  /** A session that is open already. */
  peek(personaId: string, sessionId: string): ChatSession | undefined
  /** Opens a session. @throws {ChatError} */
  enter(request: JoinRequest): Promise<ChatSession>
  exit(session: ChatSession): void
}

/** Makes the rooms of a client. */
export function createRooms(client: Pick<ChatClient, 'join'>): Rooms {
  const rooms = new Map<string, Room>()

  const visit = (room: Room): ChatSession => {
    clearTimeout(room.closing)
    room.visitors++
    return room.session
  }

  const close = (room: Room): void => {
    const { session } = room
    if (rooms.get(session.id) !== room || room.visitors > 0) return
    if (waits(session)) {
      const stop = session.state.subscribe(() => {
        if (waits(session)) return
        stop()
        close(room)
      })
      return
    }
    rooms.delete(session.id)
    session.leave()
  }

  const peek = (personaId: string, sessionId: string): ChatSession | undefined => {
    const session = rooms.get(sessionId)?.session
    const isUsable = session?.persona.id === personaId && session.state.get().fault === null
    return isUsable ? session : undefined
  }

  return {
    peek,
    enter: async (request) => {
      const open = request.sessionId === undefined ? undefined : rooms.get(request.sessionId)
      if (open && peek(request.personaId, open.session.id)) return visit(open)
      const session = await client.join(request)
      const room = rooms.get(session.id)
      if (room?.session === session) {
        // The room holds the session already, and one hold is enough.
        session.leave()
        return visit(room)
      }
      clearTimeout(room?.closing)
      const made: Room = { session, visitors: 0, closing: undefined }
      rooms.set(session.id, made)
      return visit(made)
    },
    exit: (session) => {
      const room = rooms.get(session.id)
      if (room?.session !== session || --room.visitors > 0) return
      room.closing = setTimeout(() => close(room), KEEP_MS)
    },
  }
}

/** Whether something is to be sent by itself. */
function waits(session: ChatSession): boolean {
  return session.state.get().pending.some(({ status }) => status !== 'failed')
}
