import { useCallback, useEffect, useState } from 'react'
import { type AccountError, toAccountError } from './account-error.ts'

/** Something of the server as far as it is known. */
export interface Loaded<T> {
  readonly value: T | undefined
  /** Why it could not be read. */
  readonly problem: AccountError | null
  /** Reads it again; what is known stays meanwhile. */
  readonly again: () => Promise<void>
}

/** Reads something once, and when asked again. `read` must stay the same function. */
export function useLoaded<T>(read: () => Promise<T>): Loaded<T> {
  const [value, setValue] = useState<T>()
  const [problem, setProblem] = useState<AccountError | null>(null)
  const again = useCallback(async () => {
    setProblem(null)
    await read().then(
      (found) => setValue(() => found),
      (cause: unknown) => setProblem(toAccountError(cause)),
    )
  }, [read])
  useEffect(() => void again(), [again])
  return { value, problem, again }
}
