import type { Persona } from '@parley/protocol'
import { useEffect, useState } from 'react'
import { loadPersonas } from './load-personas.ts'

/** The personas as far as they are known. */
export interface Personas {
  readonly status: 'loading' | 'ready' | 'failed'
  readonly list: readonly Persona[]
  readonly retry: () => void
}

/** Reads the personas once, and again when `retry` is called or `isOnline` turns true after a failure. */
export function usePersonas(isOnline: boolean): Personas {
  const [state, setState] = useState<Omit<Personas, 'retry'>>({ status: 'loading', list: [] })
  const isReady = state.status === 'ready'
  const [tries, setTries] = useState(0)
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new try or a new connection reads again.
  useEffect(() => {
    if (isReady) return
    const abort = new AbortController()
    loadPersonas(abort.signal).then(
      (list) => setState({ status: 'ready', list }),
      () => {
        if (!abort.signal.aborted) setState({ status: 'failed', list: [] })
      },
    )
    return () => abort.abort()
  }, [tries, isOnline, isReady])
  const retry = () => {
    setState({ status: 'loading', list: [] })
    setTries(tries + 1)
  }
  return { ...state, retry }
}
