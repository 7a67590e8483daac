import { ChatError, randomId } from '@parley/client'
import { useRef, useState } from 'react'
import { useLocation } from 'wouter'
import { useChat } from './create-chat.ts'
import { sessionPath } from './paths.ts'

/** What was not sent elsewhere. */
export interface Unsent {
  readonly text: string
  /** Called once it stands in the new conversation. */
  readonly forget: () => void
}

/** Begins a new conversation. */
export interface Fresh {
  /** `unsent` becomes the text being written there. */
  readonly begin: (personaId: string, unsent?: Unsent) => void
  readonly isBusy: boolean
  /** Why the last try failed. */
  readonly problem: ChatError | null
}

/** Begins a new conversation with a persona and goes there; a second try repeats the first, not a third. */
export function useFresh(): Fresh {
  const { rooms, sessions, drafts } = useChat()
  const [, navigate] = useLocation()
  const [isBusy, setBusy] = useState(false)
  const [problem, setProblem] = useState<ChatError | null>(null)
  const requests = useRef(new Map<string, string>())

  const open = async (personaId: string, unsent: Unsent | undefined) => {
    const clientRequestId = requests.current.get(personaId) ?? randomId()
    requests.current.set(personaId, clientRequestId)
    const session = await rooms.enter({ personaId, fresh: true, clientRequestId })
    requests.current.delete(personaId)
    sessions.put(session.state.get().session)
    if (unsent && unsent.text !== '') drafts.write(session.id, unsent.text)
    unsent?.forget()
    navigate(sessionPath(personaId, session.id))
    rooms.exit(session)
  }
  const begin = (personaId: string, unsent?: Unsent) => {
    if (isBusy) return
    setBusy(true)
    setProblem(null)
    open(personaId, unsent)
      .catch((cause: unknown) =>
        setProblem(cause instanceof ChatError ? cause : new ChatError('INTERNAL', { cause })),
      )
      .finally(() => setBusy(false))
  }
  return { begin, isBusy, problem }
}
