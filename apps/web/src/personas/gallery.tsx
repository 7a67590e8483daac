import type { Session } from '@parley/protocol'
import { Button } from '../ui/button.tsx'
import { PersonaCard } from './persona-card.tsx'
import type { Personas } from './use-personas.ts'

/** All personas to choose from; `sessions`, newest first, tell with whom there is something to go on with. */
export function Gallery({ personas, sessions }: { personas: Personas; sessions: readonly Session[] }) {
  if (personas.status === 'failed') {
    return (
      <div role="alert" className="rounded-3xl border border-line bg-card p-8 text-center">
        <p className="mb-4">The personas could not be loaded. Is the server running?</p>
        <Button shape="solid" onClick={personas.retry}>
          Try again
        </Button>
      </div>
    )
  }
  if (personas.status === 'ready' && personas.list.length === 0) {
    return <p className="text-soft">There is nobody here yet: this server has no personas.</p>
  }
  return (
    <ul
      aria-busy={personas.status === 'loading'}
      className="grid gap-4 sm:grid-cols-2 sm:gap-5 lg:grid-cols-4"
    >
      {personas.status === 'loading'
        ? ['a', 'b', 'c', 'd'].map((key) => (
            <li key={key} className="h-32 animate-pulse rounded-[1.75rem] bg-sunken sm:h-[26rem]" />
          ))
        : personas.list.map((persona, index) => (
            <PersonaCard
              key={persona.id}
              persona={persona}
              lastSession={sessions.find(
                (session) => session.personaId === persona.id && session.title !== null,
              )}
              order={index}
            />
          ))}
    </ul>
  )
}
