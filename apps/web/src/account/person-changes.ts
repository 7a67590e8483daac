import { z } from 'zod'

const PersonChange = z.object({
  /** The page shows what is of nobody here any more. */
  goHome: z.boolean(),
  /** A guest who has become somebody. */
  moved: z.object({ from: z.string(), to: z.string() }).nullable(),
  /** Somebody who is no more. */
  deleted: z.string().nullable(),
})

/** Somebody else is signed in to this browser now. */
export type PersonChange = z.infer<typeof PersonChange>

/** Tells the other tabs of a browser who is signed in. */
export interface PersonChanges {
  tell(change: PersonChange): void
  onTold(listener: (change: PersonChange) => void): void
}

/** Tells over a channel of the browser; where there is none, each tab hears of it from the server. */
export function createPersonChanges(): PersonChanges {
  const channel = 'BroadcastChannel' in window ? new BroadcastChannel('parley.account') : null
  return {
    tell: (change) => channel?.postMessage(change),
    onTold: (listener) =>
      channel?.addEventListener('message', ({ data }) => {
        const change = PersonChange.safeParse(data)
        if (change.success) listener(change.data)
      }),
  }
}
