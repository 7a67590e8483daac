import type { ChatSession } from '@parley/client'
import { SquarePen } from 'lucide-react'
import type { ReactNode } from 'react'
import { IconButton } from '../ui/button.tsx'
import { Portrait } from '../ui/portrait.tsx'
import { useSelected } from '../ui/store.ts'
import type { Fresh } from './use-fresh.ts'

interface ChatHeaderProps {
  readonly session: ChatSession
  readonly fresh: Fresh
  readonly menu: ReactNode
}

/** With whom one talks, about what, and a way to begin anew. */
export function ChatHeader({ session, fresh, menu }: ChatHeaderProps) {
  const { persona } = session
  const title = useSelected(session.state, (state) => state.session.title)
  const isUntouched = useSelected(session.state, (state) =>
    state.messages.every(({ sender }) => sender === 'ai'),
  )
  return (
    <header className="z-10 flex items-center gap-2 border-line/70 border-b bg-wash px-2 py-2 sm:gap-3 sm:px-5">
      <span className="lg:hidden">{menu}</span>
      <Portrait picture={persona.picture} name={persona.name} className="size-10 rounded-full" />
      <div className="min-w-0 flex-1">
        <h1 className="display-type truncate font-semibold text-lg leading-tight">{persona.name}</h1>
        <p className="truncate text-soft text-xs leading-snug">{title ?? 'New conversation'}</p>
      </div>
      {!isUntouched && (
        <IconButton
          label={`New conversation with ${persona.name}`}
          disabled={fresh.isBusy}
          onClick={() => fresh.begin(persona.id)}
        >
          <SquarePen aria-hidden="true" className="size-5" />
        </IconButton>
      )}
    </header>
  )
}
