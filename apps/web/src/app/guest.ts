import { type Credentials, guestCredentials } from '@parley/client'

/** The person of this browser; made a guest when there is none. */
export interface Guest {
  readonly credentials: () => Promise<Credentials>
  /** Forgets who it was, so that the next credentials are asked for anew. */
  forget(): void
}

/** Two first tabs must not make two guests: one at a time, where the browser can keep them apart. */
export function createGuest(url: string): Guest {
  const make = () => guestCredentials(url, { exclusively })
  let current = make()
  return {
    credentials: () => current(),
    forget: () => {
      current = make()
    },
  }
}

/** Locks exist on secure addresses and on localhost only; elsewhere there is one tab at a time, mostly. */
async function exclusively<T>(work: () => Promise<T>): Promise<T> {
  return 'locks' in navigator ? await navigator.locks.request('parley.guest', work) : work()
}
