import type { Identity } from '@parley/client'
import { UserRound } from 'lucide-react'

/** Who the person is to the server, and what that means for what they said. */
export function AccountNote({ identity }: { identity: Identity | null }) {
  if (!identity) return null
  return (
    <p className="flex min-w-0 items-center gap-2.5 text-soft text-xs leading-snug">
      <span className="grid size-8 shrink-0 place-items-center rounded-full bg-ink/7">
        <UserRound aria-hidden="true" className="size-4" />
      </span>
      {identity.guest ? 'You are a guest. Your conversations stay with this browser.' : 'You are signed in.'}
    </p>
  )
}
