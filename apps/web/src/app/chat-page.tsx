import type { ConnectionState } from '@parley/client'
import type { Session } from '@parley/protocol'
import { type ReactNode, useLayoutEffect, useState } from 'react'
import { ChatView } from '../chat/chat-view.tsx'
import { useFresh } from '../chat/use-fresh.ts'
import { coloursOf } from '../personas/colours.ts'
import type { Personas } from '../personas/use-personas.ts'
import { SideDrawer } from '../ui/side-drawer.tsx'
import { SideBar } from './side-bar.tsx'
import { useTitle } from './use-title.ts'

interface ChatPageProps {
  readonly personaId: string
  readonly sessionId: string | undefined
  readonly connection: ConnectionState
  readonly personas: Personas
  readonly sessions: readonly Session[]
  readonly notice: ReactNode
}

/** A conversation, with the others beside it or, on a small screen, behind a button. */
export function ChatPage({ personaId, sessionId, connection, personas, sessions, notice }: ChatPageProps) {
  const [isOpen, setOpen] = useState(false)
  const fresh = useFresh()
  const session = sessions.find(({ id }) => id === sessionId)
  const persona = personas.list.find(({ id }) => id === personaId)
  useColoursOf(personaId)
  useTitle(session?.title ?? persona?.name)
  const bar = {
    sessions,
    personas: personas.list,
    currentId: sessionId,
    identity: connection.identity,
    fresh,
  }
  return (
    <div className="h-visible flex flex-col overflow-hidden">
      {notice}
      <div className="grid min-h-0 flex-1 grid-cols-[minmax(0,1fr)] lg:grid-cols-[18.5rem_minmax(0,1fr)]">
        <aside aria-label="Parley" className="hidden min-h-0 flex-col border-line border-r bg-sunken lg:flex">
          <SideBar {...bar} />
        </aside>
        <main id="main" tabIndex={-1} className="flex min-h-0 flex-col outline-none">
          <ChatView
            personaId={personaId}
            sessionId={sessionId}
            isOnline={connection.status === 'online'}
            fresh={fresh}
            menu={
              <SideDrawer title="Conversations" isOpen={isOpen} onOpen={setOpen}>
                <SideBar {...bar} onLeave={() => setOpen(false)} />
              </SideDrawer>
            }
          />
        </main>
      </div>
    </div>
  )
}

/** Puts the whole page, drawers and menus included, in the colours of a persona. */
function useColoursOf(personaId: string): void {
  useLayoutEffect(() => {
    const { style } = document.documentElement
    const colours = Object.entries(coloursOf(personaId))
    for (const [name, value] of colours) style.setProperty(name, String(value))
    return () => {
      for (const [name] of colours) style.removeProperty(name)
    }
  }, [personaId])
}
