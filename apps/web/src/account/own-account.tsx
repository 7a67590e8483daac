import { LogOut } from 'lucide-react'
import { Button } from '../ui/button.tsx'
import { useAccount } from './account.ts'
import { Devices } from './devices.tsx'
import { Problem } from './problem.tsx'
import { useAttempt } from './use-attempt.ts'
import { useLoaded } from './use-loaded.ts'

/** For somebody with an account: who that is, and where they are signed in. */
export function OwnAccount() {
  const account = useAccount()
  const { value: person, problem, again } = useLoaded(account.api.person)
  const { isBusy, problem: refusal, start } = useAttempt()
  return (
    <>
      <div className="flex flex-wrap items-center gap-x-5 gap-y-4 pb-2">
        <span
          aria-hidden="true"
          className="display-type grid size-18 shrink-0 place-items-center rounded-full bg-accent font-semibold text-3xl text-on-accent"
        >
          {initialOf(person?.user.name)}
        </span>
        <div className="min-w-0 flex-1 basis-56">
          <h1 className="display-type truncate font-semibold text-4xl leading-tight">
            {person?.user.name ?? 'Your account'}
          </h1>
          <p className="truncate text-soft">{person?.user.email ?? '\u00a0'}</p>
        </div>
        <Button aria-disabled={isBusy} onClick={() => start(account.signOut)}>
          <LogOut aria-hidden="true" className="size-4 text-accent" />
          Sign out
        </Button>
      </div>
      <Problem problem={refusal} />
      {problem && (
        <div className="flex flex-col items-start gap-3">
          <Problem problem={problem} />
          <Button onClick={() => void again()}>Try again</Button>
        </div>
      )}
      {person && <Devices loginId={person.session.id} />}
    </>
  )
}

function initialOf(name: string | undefined): string {
  return [...(name ?? '')].find((letter) => /\p{L}|\p{N}/u.test(letter))?.toLocaleUpperCase() ?? '·'
}
