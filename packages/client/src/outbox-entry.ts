import type { Message } from '@parley/protocol'
import type { ChatError } from './errors.ts'
import { Patience } from './patience.ts'
import type { StoredMessage } from './storage.ts'
import type { Timing } from './timing.ts'

/** A message that waits to be sent, and those who wait for it. */
export interface Entry {
  readonly message: StoredMessage
  readonly sent: Promise<Message>
  readonly resolve: (message: Message) => void
  readonly reject: (error: ChatError) => void
  readonly patience: Patience
  /** How often its line was lost before the answer came. */
  losses: number
  /** Why the server refused it for now. */
  refusal: ChatError | null
  /** It is not sent before this, as `performance.now()` counts, on whatever line. */
  heldUntil: number
}

/** Makes the entry of a message. */
export function createEntry(message: StoredMessage, timing: Timing): Entry {
  let resolve: Entry['resolve'] = () => undefined
  let reject: Entry['reject'] = () => undefined
  const sent = new Promise<Message>((onSent, onFailed) => {
    resolve = onSent
    reject = onFailed
  })
  // The failure is in the state too; who reads that need not take it from the promise.
  sent.catch(() => undefined)
  return {
    message,
    sent,
    resolve,
    reject,
    patience: new Patience(timing),
    losses: 0,
    refusal: null,
    heldUntil: 0,
  }
}
