import { type Credentials, guestCredentials } from '@parley/client'

/** The person of this browser; made a guest when there is none. */
export interface Guest {
  readonly credentials: () => Promise<Credentials>
  /** Forgets who it was, so that the next credentials are asked for anew. */
  forget(): void
}

/**
 * Two first tabs must not make two guests: one at a time, where the browser can keep them apart.
 * `mayMake` is asked before one is made.
 */
export function createGuest(url: string, exclusively: Exclusively, mayMake: () => boolean): Guest {
  const make = () => guestCredentials(url, { exclusively, mayMake })
  let current = make()
  return {
    credentials: () => current(),
    forget: () => {
      current = make()
    },
  }
}

/** Does something while no page of this browser does another thing in this way. */
export type Exclusively = <T>(work: () => Promise<T>) => Promise<T>

/** Locks exist on secure addresses and on localhost only; elsewhere there is one tab at a time, mostly. */
export function createExclusively(): Exclusively {
  let last: Promise<unknown> = Promise.resolve()
  return async (work) => {
    if ('locks' in navigator) return await navigator.locks.request('parley.guest', work)
    const mine = last.then(work)
    last = mine.catch(() => undefined)
    return mine
  }
}
