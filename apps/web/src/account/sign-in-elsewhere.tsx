import { ExternalLink } from 'lucide-react'
import { useEffect, useState } from 'react'
import { Button } from '../ui/button.tsx'
import { useAccount } from './account.ts'
import { AccountError } from './account-error.ts'
import { Problem } from './problem.tsx'
import { useAttempt } from './use-attempt.ts'

/** Leads to another server where people sign in, if this one knows any. */
export function SignInElsewhere({ backTo }: { backTo: string }) {
  const account = useAccount()
  const name = useElsewhere()
  const { isBusy, problem, start } = useAttempt()
  if (name === null) return null
  return (
    <div className="mb-5 flex flex-col gap-3">
      <Problem problem={problem ?? problemInAddress()} />
      <Button
        className="min-h-11"
        aria-disabled={isBusy}
        onClick={() => start(() => account.signInElsewhere(backTo))}
      >
        <ExternalLink aria-hidden="true" className="size-4 text-accent" />
        Continue with {name}
      </Button>
      <p className="flex items-center gap-3 text-soft text-xs before:h-px before:flex-1 before:bg-line after:h-px after:flex-1 after:bg-line">
        or by e-mail
      </p>
    </div>
  )
}

/** Name of the other server; null: there is none, or it is not known yet. */
function useElsewhere(): string | null {
  const { api } = useAccount()
  const [name, setName] = useState<string | null>(null)
  useEffect(() => {
    let isGone = false
    // Without an answer there is the password.
    api.signInWays().then(
      ({ oidc }) => {
        if (!isGone) setName(oidc?.name ?? null)
      },
      () => undefined,
    )
    return () => {
      isGone = true
    }
  }, [api])
  return name
}

/** The other server sends people back with what went wrong there. */
function problemInAddress(): AccountError | null {
  const error = new URLSearchParams(window.location.search).get('error')
  if (error === null) return null
  return new AccountError(error === 'account_not_linked' ? 'NOT_LINKED' : 'ELSEWHERE_FAILED')
}
