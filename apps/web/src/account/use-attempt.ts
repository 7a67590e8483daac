import { useState } from 'react'
import { type AccountError, toAccountError } from './account-error.ts'

/** Something that a person tries, one try at a time. */
export interface Attempt {
  readonly isBusy: boolean
  /** Why the last try failed; null: it did not, or another one runs. */
  readonly problem: AccountError | null
  readonly start: (work: () => Promise<void>) => void
}

/** Lets a person try something. */
export function useAttempt(): Attempt {
  const [isBusy, setBusy] = useState(false)
  const [problem, setProblem] = useState<AccountError | null>(null)
  const start = (work: () => Promise<void>) => {
    if (isBusy) return
    setBusy(true)
    setProblem(null)
    work()
      .catch((cause: unknown) => setProblem(toAccountError(cause)))
      .finally(() => setBusy(false))
  }
  return { isBusy, problem, start }
}
