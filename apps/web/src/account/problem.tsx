import { Countdown } from '../ui/countdown.tsx'
import type { AccountError } from './account-error.ts'

/** Says why something failed, and from when on it is worth another try. */
export function Problem({ problem }: { problem: AccountError | null }) {
  if (!problem) return null
  return (
    <p role="alert" className="rounded-2xl bg-danger-tint px-4 py-2.5 text-danger text-sm leading-relaxed">
      {problem.message}
      {problem.retryAfterMs !== null && (
        <>
          {' '}
          You can go on <Countdown ms={problem.retryAfterMs} />.
        </>
      )}
    </p>
  )
}
