import { ChatError, type ChatSession } from '@parley/client'
import { useEffect, useState } from 'react'
import type { Rooms } from './rooms.ts'

/** A session on its way, open, or refused. */
export type SessionEntry =
  | { readonly status: 'joining' }
  | { readonly status: 'open'; readonly session: ChatSession }
  | { readonly status: 'failed'; readonly error: ChatError; readonly retry: () => void }

/** Opens a session with a persona, the newest one if `sessionId` is undefined, for as long as it is shown. */
export function useSession(
  rooms: Rooms,
  personaId: string,
  sessionId: string | undefined,
  isOnline: boolean,
): SessionEntry {
  const key = `${personaId}/${sessionId ?? ''}`
  const [tries, setTries] = useState(0)
  const [held, setHeld] = useState<{ readonly key: string; readonly result: ChatSession | ChatError }>()
  const result = held?.key === key ? held.result : undefined
  const isRefused = result instanceof ChatError
  const mayRetry = isRefused && result.retryable

  // biome-ignore lint/correctness/useExhaustiveDependencies: another try opens the session again.
  useEffect(() => {
    let isGone = false
    let entered: ChatSession | undefined
    rooms.enter({ personaId, sessionId }).then(
      (session) => {
        entered = session
        if (isGone) rooms.exit(session)
        else setHeld({ key, result: session })
      },
      (cause) => {
        const error = cause instanceof ChatError ? cause : new ChatError('INTERNAL', { cause })
        if (!isGone) setHeld({ key, result: error })
      },
    )
    return () => {
      isGone = true
      if (entered) rooms.exit(entered)
    }
  }, [rooms, key, personaId, sessionId, tries])

  useEffect(() => {
    if (!isOnline || !mayRetry) return
    setHeld(undefined)
    setTries((count) => count + 1)
  }, [isOnline, mayRetry])

  if (isRefused) {
    const retry = () => {
      setHeld(undefined)
      setTries(tries + 1)
    }
    return { status: 'failed', error: result, retry }
  }
  const session = result ?? (sessionId === undefined ? undefined : rooms.peek(personaId, sessionId))
  return session ? { status: 'open', session } : { status: 'joining' }
}
