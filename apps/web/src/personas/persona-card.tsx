import type { Persona, Session } from '@parley/protocol'
import { ArrowRight } from 'lucide-react'
import { Link } from 'wouter'
import { useNow } from '../ui/now.ts'
import { Portrait } from '../ui/portrait.tsx'
import { ago } from '../ui/time.ts'
import { coloursOf } from './colours.ts'

interface PersonaCardProps {
  readonly persona: Persona
  /** The newest conversation with this persona, if there is one. */
  readonly lastSession: Session | undefined
  /** Place in the gallery, from 0: later ones appear a moment later. */
  readonly order: number
}

/** One persona in the gallery; all of it is one link. */
export function PersonaCard({ persona, lastSession, order }: PersonaCardProps) {
  const now = useNow(60_000)
  const [firstName = persona.name] = persona.name.split(' ').filter((part) => !isTitle(part))
  return (
    <li
      className="accented rise group relative flex overflow-hidden rounded-[1.75rem] border border-line bg-card shadow-card transition hover:-translate-y-1 hover:border-accent hover:shadow-float has-focus-visible:border-accent sm:flex-col"
      style={{ ...coloursOf(persona.id), animationDelay: `${order * 70}ms` }}
    >
      <div className="flex w-30 shrink-0 items-end justify-center bg-wash pt-4 sm:w-auto sm:px-6 sm:pt-7">
        <Portrait
          picture={persona.picture}
          name={persona.name}
          className="h-[88%] max-h-36 w-24 rounded-t-full text-5xl transition duration-500 group-hover:scale-[1.03] sm:aspect-[5/6] sm:h-auto sm:max-h-none sm:w-full origin-bottom"
        />
      </div>
      <div className="flex min-w-0 flex-1 flex-col gap-1.5 p-4 sm:p-5">
        <h3 className="display-type font-semibold text-xl leading-tight sm:text-[1.4rem]">
          <Link
            href={`/chat/${encodeURIComponent(persona.id)}`}
            className="outline-none after:absolute after:inset-0 after:rounded-[1.75rem] focus-visible:after:outline-2 focus-visible:after:-outline-offset-3 focus-visible:after:outline-accent"
          >
            {persona.name}
          </Link>
        </h3>
        <p className="text-[0.95rem] text-soft leading-snug">{persona.pitch}</p>
        <p className="mt-auto flex items-center gap-1.5 pt-3 font-medium text-accent text-sm">
          {lastSession ? `Continue, ${ago(lastSession.updatedAt, now)}` : `Talk with ${firstName}`}
          <ArrowRight aria-hidden="true" className="size-4 transition group-hover:translate-x-1" />
        </p>
      </div>
    </li>
  )
}

function isTitle(part: string): boolean {
  return /^(chef|dr\.?|mrs?\.?|ms\.?|sir|lady|lord|prof\.?|professor|captain|the)$/i.test(part)
}
