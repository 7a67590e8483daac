import type { ChatSession } from '@parley/client'
import { type ReactNode, useEffect } from 'react'
import { useLocation } from 'wouter'
import { Button } from '../ui/button.tsx'
import { useSelected } from '../ui/store.ts'
import { ChatHeader } from './chat-header.tsx'
import { Conversation } from './conversation.tsx'
import { useChat } from './create-chat.ts'
import { Nowhere } from './nowhere.tsx'
import { sessionPath } from './paths.ts'
import { Refusal } from './refusal.tsx'
import type { Fresh } from './use-fresh.ts'
import { useSession } from './use-session.ts'

interface ChatViewProps {
  readonly personaId: string
  /** Undefined: the newest conversation with the persona. */
  readonly sessionId: string | undefined
  readonly isOnline: boolean
  readonly fresh: Fresh
  /** Opens the list of conversations, where there is no room for it. */
  readonly menu: ReactNode
}

/** The conversation that an address names. */
export function ChatView({ personaId, sessionId, isOnline, fresh, menu }: ChatViewProps) {
  const { rooms, drafts } = useChat()
  const [, navigate] = useLocation()
  const entry = useSession(rooms, personaId, sessionId, isOnline)
  const opened = entry.status === 'open' ? entry.session : undefined
  const openedId = opened?.id
  useEffect(() => {
    if (openedId !== undefined && openedId !== sessionId) {
      navigate(sessionPath(personaId, openedId), { replace: true })
    }
  }, [openedId, sessionId, personaId, navigate])
  useListed(opened)

  if (entry.status === 'failed') {
    return (
      <Apart menu={menu}>
        <Nowhere {...{ personaId, sessionId, fresh }} error={entry.error} onRetry={entry.retry} />
      </Apart>
    )
  }
  if (!opened) return <Opening menu={menu} />
  return (
    <>
      <ChatHeader session={opened} fresh={fresh} menu={menu} />
      <Conversation
        key={opened.id}
        session={opened}
        drafts={drafts}
        isOnline={isOnline}
        ending={<Gone session={opened} fresh={fresh} />}
      />
    </>
  )
}

/** Keeps the list of conversations as fresh as the open one. */
function useListed(session: ChatSession | undefined): void {
  const { sessions } = useChat()
  useEffect(() => {
    if (!session) return
    const put = () => sessions.put(session.state.get().session)
    put()
    return session.state.subscribe(put)
  }, [session, sessions])
}

function Gone({ session, fresh }: { session: ChatSession; fresh: Fresh }) {
  const { drafts } = useChat()
  const fault = useSelected(session.state, (state) => state.fault)
  const pending = useSelected(session.state, (state) => state.pending)
  const begin = () => {
    const draft = drafts.read(session.id)
    const texts = [...pending.map(({ content }) => content), ...(draft === '' ? [] : [draft])]
    const forget = () => {
      drafts.write(session.id, '')
      for (const { clientMessageId } of pending) session.discard(clientMessageId)
    }
    fresh.begin(session.persona.id, { text: texts.join('\n\n'), forget })
  }
  return (
    <div
      role="alert"
      className="flex flex-wrap items-center gap-3 rounded-3xl bg-danger-tint px-5 py-3 text-danger"
    >
      <p className="flex-1 basis-56 text-sm">
        {fault?.message} {pending.length > 0 && 'What you wrote comes along to a new one.'}{' '}
        {fresh.problem && <Refusal error={fresh.problem} />}
      </p>
      <Button disabled={fresh.isBusy} onClick={begin}>
        New conversation
      </Button>
    </div>
  )
}

function Apart({ menu, children }: { menu: ReactNode; children: ReactNode }) {
  return (
    <>
      <div className="p-3 lg:hidden">{menu}</div>
      <section className="m-auto w-full max-w-md overflow-y-auto p-8 text-center">{children}</section>
    </>
  )
}

function Opening({ menu }: { menu: ReactNode }) {
  return (
    <>
      <div className="p-3 lg:hidden">{menu}</div>
      <p role="status" className="m-auto animate-pulse text-soft">
        Opening the conversation…
      </p>
    </>
  )
}
