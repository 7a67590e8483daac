import type { ConnectionState } from '@parley/client'
import type { Session } from '@parley/protocol'
import { useEffect } from 'react'
import { useChat } from './create-chat.ts'

/**
 * Sends what an earlier or a closed page left behind, also of conversations that are not being looked at:
 * the person has sent it, and need not come back to each of them for that.
 */
export function useDelivery(connection: ConnectionState, sessions: readonly Session[]): void {
  const { rooms, outbox } = useChat()
  const userId = connection.status === 'online' ? connection.identity?.userId : undefined
  const isListed = sessions.length > 0
  // biome-ignore lint/correctness/useExhaustiveDependencies: who is in the list does not change by itself.
  useEffect(() => {
    if (userId === undefined || !isListed) return
    const deliver = async () => {
      const left = await outbox.left(userId)
      for (const { id, personaId } of sessions.filter((session) => left.has(session.id))) {
        // A room with something to send stays open until it is sent.
        const session = await rooms.enter({ personaId, sessionId: id })
        rooms.exit(session)
      }
    }
    // What cannot be opened now is tried again with the next connection, or when it is looked at.
    const start = () => void deliver().catch(() => undefined)
    start()
    return outbox.onFreed(start)
  }, [outbox, rooms, userId, isListed])
}
