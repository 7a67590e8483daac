import { type Change, errors, type Message } from '@parley/protocol'
import type { ClaimPause } from './claim-pause.ts'
import type { Broadcaster, Clock, FinishResult, Log, ReplyEnd, Store } from './ports.ts'

/** What ending a reply needs. */
export interface EndingDeps {
  readonly store: Store
  readonly broadcaster: Broadcaster
  readonly clock: Clock
  readonly log: Log
}

/** Wait between tries to save a finished reply while the database is away, in milliseconds. */
const SAVE_RETRY_MS = 500

/**
 * Saves how a reply ended. While the database is away it tries again, since the epoch stays its owner's,
 * until this process is about to leave; null then.
 */
export async function saveEnd(
  deps: EndingDeps,
  pause: ClaimPause,
  end: ReplyEnd,
  leaving: () => boolean,
): Promise<FinishResult | null> {
  for (;;) {
    try {
      const result = await deps.store.finishReply(end, !leaving())
      pause.reached()
      return result
    } catch (cause) {
      pause.lost()
      deps.log.error({ replyId: end.replyId, err: cause }, 'reply could not be saved')
      if (leaving()) return null
      await new Promise<void>((resolve) => deps.clock.after(SAVE_RETRY_MS, resolve))
    }
  }
}

/** Tells every socket of a session how a reply ended; `change` is without the reply's own row. */
export function tellEnd(broadcaster: Broadcaster, message: Message, change: Change): void {
  const { id: replyId, sessionId, error } = message
  broadcaster.toSession(sessionId, 'chat:response', { ...message, change })
  if (!error) return
  const failure = { error, message: errors[error].sentence, replyId, requestId: replyId }
  broadcaster.toSession(sessionId, 'chat:error', failure)
}
