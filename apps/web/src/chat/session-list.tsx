import type { Persona, Session } from '@parley/protocol'
import { Link } from 'wouter'
import { useNow } from '../ui/now.ts'
import { Portrait } from '../ui/portrait.tsx'
import { ago } from '../ui/time.ts'
import { sessionPath } from './paths.ts'

interface SessionListProps {
  readonly sessions: readonly Session[]
  readonly personas: readonly Persona[]
  readonly currentId: string | undefined
  /** Called when one was chosen. */
  readonly onChoose?: (() => void) | undefined
}

/** Earlier conversations; those in which nothing was said are left out, except the current one. */
export function SessionList({ sessions, personas, currentId, onChoose }: SessionListProps) {
  const now = useNow(30_000)
  const shown = sessions.filter((session) => session.title !== null || session.id === currentId)
  if (shown.length === 0) {
    return (
      <p className="px-3 py-2 text-soft text-sm leading-relaxed">What you talk about will be kept here.</p>
    )
  }
  return (
    <ul className="flex flex-col gap-0.5">
      {shown.map((session) => {
        const persona = personas.find(({ id }) => id === session.personaId)
        const name = persona?.name ?? session.personaId
        const isCurrent = session.id === currentId
        return (
          <li key={session.id}>
            <Link
              href={sessionPath(session.personaId, session.id)}
              onClick={onChoose}
              aria-current={isCurrent ? 'page' : undefined}
              className="flex items-center gap-3 rounded-2xl px-3 py-2.5 transition hover:bg-ink/5 aria-[current=page]:bg-card aria-[current=page]:shadow-card"
            >
              <Portrait picture={persona?.picture} name={name} className="size-9 rounded-full" />
              <span className="min-w-0 flex-1">
                <span className="block truncate font-medium text-[0.92rem] leading-snug">
                  {session.title ?? 'New conversation'}
                </span>
                <span className="block truncate text-soft text-xs leading-snug">
                  {name} · {ago(session.updatedAt, now)}
                </span>
              </span>
            </Link>
          </li>
        )
      })}
    </ul>
  )
}
