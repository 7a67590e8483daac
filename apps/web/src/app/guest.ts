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
export function createGuest(url: string, { beside }: PersonLock, mayMake: () => boolean): Guest {
  const exclusively = createLock('parley.guest').alone
  const make = () => guestCredentials(url, { exclusively, mayMake })
  let current = make()
  return {
    credentials: () => beside(() => current()),
    forget: () => {
      current = make()
    },
  }
}

type Guarded = <T>(work: () => Promise<T>) => Promise<T>

/**
 * Keeps apart, in all tabs, asking who is here and changing it. Whoever asks with a login that ends at this
 * moment is answered with the order to forget the cookie, and that would by then be the one of the new login.
 */
export interface PersonLock {
  /** Does what changes who is here: nobody asks meanwhile. */
  readonly alone: Guarded
  /** Asks who is here; others may ask too. */
  readonly beside: Guarded
}

/** @see PersonLock */
export function createPersonLock(): PersonLock {
  return createLock('parley.person')
}

/** Locks exist on secure addresses and on localhost only; elsewhere there is one tab at a time, mostly. */
function createLock(name: string): PersonLock {
  let last: Promise<unknown> = Promise.resolve()
  const inTurn: Guarded = (work) => {
    const mine = last.then(work)
    last = mine.catch(() => undefined)
    return mine
  }
  if (!('locks' in navigator)) return { alone: inTurn, beside: inTurn }
  return {
    alone: async (work) => await navigator.locks.request(name, work),
    beside: async (work) => await navigator.locks.request(name, { mode: 'shared' }, work),
  }
}
