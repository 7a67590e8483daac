import { ChatError, type ChatSession, type PendingMessage } from '@parley/client'
import { type RefObject, useCallback, useRef, useState } from 'react'
import type { Drafts } from './draft.ts'

/** What a person can do in a conversation, and the text being written. */
export interface Talk {
  readonly text: string
  /** Why the last thing was refused; null once the person writes on. */
  readonly problem: ChatError | null
  readonly setText: (text: string) => void
  /** Sends the text being written. */
  readonly send: (text: string) => void
  /** Says something else, such as an earlier text again. */
  readonly say: (text: string) => void
  readonly stop: () => void
  readonly resend: (clientMessageId: string) => void
  /** Takes a failed message back into the text being written. */
  readonly edit: (entry: PendingMessage) => void
  readonly discard: (clientMessageId: string) => void
  /** Says something else in the place of a message; `refused` is a try before it. */
  readonly change: (messageId: string, text: string, refused?: PendingMessage) => void
  /** Has what a reply answers answered anew. */
  readonly regenerate: (messageId: string) => void
  /** Shows another version of a message. */
  readonly select: (messageId: string) => void
}

/** Lets a person talk. `onSay` is called when something was sent. */
export function useTalk(
  session: ChatSession,
  drafts: Drafts,
  input: RefObject<HTMLTextAreaElement | null>,
  onSay: () => void,
): Talk {
  const [text, show] = useState(() => drafts.read(session.id))
  const [problem, setProblem] = useState<ChatError | null>(null)
  const latest = useRef(text)

  const write = useCallback(
    (next: string) => {
      latest.current = next
      drafts.write(session.id, next)
      show(next)
    },
    [drafts, session],
  )
  const setText = (next: string) => {
    setProblem(null)
    write(next)
  }
  /** What will never be accepted as it is goes back to be changed, if nothing new is being written. */
  const giveBack = useCallback(
    (said: string, error: ChatError) => {
      if (error.retryable || latest.current !== '') return
      const refused = session.state.get().pending.find((entry) => entry.error === error)
      // An edit that was refused is changed where it stands.
      if (refused && refused.replaces !== null) return
      if (refused) session.discard(refused.clientMessageId)
      write(refused?.content ?? said)
      setProblem(error)
    },
    [session, write],
  )
  const say = useCallback(
    (said: string) => {
      session.send(said).catch((cause: unknown) => giveBack(said, asChatError(cause)))
      onSay()
    },
    [session, giveBack, onSay],
  )
  const resend = useCallback(
    (clientMessageId: string) => {
      session.resend(clientMessageId).catch((cause: unknown) => giveBack('', asChatError(cause)))
      onSay()
    },
    [session, giveBack, onSay],
  )
  const edit = useCallback(
    (entry: PendingMessage) => {
      session.discard(entry.clientMessageId)
      write(latest.current === '' ? entry.content : `${entry.content}\n${latest.current}`)
      input.current?.focus()
    },
    [session, write, input],
  )
  const discard = useCallback((clientMessageId: string) => void session.discard(clientMessageId), [session])
  const change = useCallback(
    (messageId: string, said: string, refused?: PendingMessage) => {
      const isSame = refused?.content === said
      if (refused && !isSame) session.discard(refused.clientMessageId)
      const sent = refused && isSame ? session.resend(refused.clientMessageId) : session.edit(messageId, said)
      // Its failure is shown where it stands.
      sent.catch(() => undefined)
      onSay()
      input.current?.focus({ preventScroll: true })
    },
    [session, onSay, input],
  )
  const { regenerate, select } = useBranches(session, setProblem)
  const send = (said: string) => {
    setText('')
    say(said)
  }
  const stop = () => {
    session.stop().catch((cause: unknown) => setProblem(asChatError(cause)))
  }
  return { text, problem, setText, send, say, stop, resend, edit, discard, change, regenerate, select }
}

/** Asks for other versions, one request at a time, so that a second click does not ask for a second one. */
function useBranches(session: ChatSession, onProblem: (problem: ChatError | null) => void) {
  const isAsking = useRef(false)
  const ask = useCallback(
    async (work: () => Promise<unknown>) => {
      if (isAsking.current) return
      isAsking.current = true
      onProblem(null)
      await work().catch((cause: unknown) => onProblem(asChatError(cause)))
      isAsking.current = false
    },
    [onProblem],
  )
  const regenerate = useCallback((id: string) => void ask(() => session.regenerate(id)), [ask, session])
  const select = useCallback((id: string) => void ask(() => session.select(id)), [ask, session])
  return { regenerate, select }
}

function asChatError(cause: unknown): ChatError {
  return cause instanceof ChatError ? cause : new ChatError('INTERNAL', { cause })
}
