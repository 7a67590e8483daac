import type { Identity } from '@parley/client'
import { UserRound } from 'lucide-react'
import { Link } from 'wouter'
import { accountPath } from './account-path.ts'

interface AccountNoteProps {
  readonly identity: Identity | null
  /** Called when the person goes to the account from here. */
  readonly onLeave?: (() => void) | undefined
}

/** Who the person is to the server, what that means for what they said, and the way to change it. */
export function AccountNote({ identity, onLeave }: AccountNoteProps) {
  if (!identity) return null
  const { guest } = identity
  return (
    <div className="flex min-w-0 items-center gap-2.5 text-xs leading-snug">
      <span
        className={`grid size-8 shrink-0 place-items-center rounded-full ${guest ? 'bg-ink/7 text-soft' : 'bg-accent text-on-accent'}`}
      >
        <UserRound aria-hidden="true" className="size-4" />
      </span>
      <p className="min-w-0 text-soft">
        {guest ? 'You are a guest of this browser. ' : 'You are signed in. '}
        <Link
          href={accountPath(window.location.pathname)}
          onClick={onLeave}
          className="rounded font-medium text-accent underline-offset-3 hover:underline"
        >
          {guest ? 'Sign in or create an account' : 'Your account'}
        </Link>
      </p>
    </div>
  )
}
