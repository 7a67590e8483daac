import type { Session } from '@parley/protocol'
import { useEffect } from 'react'
import { useStore } from '../ui/store.ts'
import { useChat } from './create-chat.ts'

/** The person's conversations; read again after every connection, and kept fresh by what is heard. */
export function useSessions(isOnline: boolean): readonly Session[] {
  const { client, sessions } = useChat()
  useEffect(() => client.onSession((session) => sessions.put(session)), [client, sessions])
  useEffect(() => {
    if (!isOnline) return
    // The list is a help beside the conversation: without it the page works, and what is heard fills it.
    sessions.load().catch(() => undefined)
  }, [isOnline, sessions])
  return useStore(sessions)
}
