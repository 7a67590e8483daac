import { type Change, errors, type Message } from '@parley/protocol'
import type { ClaimPause } from './claim-pause.ts'
import type { Broadcaster, Clock, FinishResult, Log, ReplyEnd, Store } from './ports.ts'
import { SPENT_SENTENCE } from './refusal.ts'
import type { Writing } from './writing.ts'

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
export function saveEnd(
  deps: EndingDeps,
  pause: ClaimPause,
  end: ReplyEnd,
  leaving: () => boolean,
): Promise<FinishResult | null> {
  const save = () => deps.store.finishReply(end, !leaving())
  return untilSaved(deps, pause, end.replyId, save, leaving)
}

/**
 * Keeps what was shown here of a reply that another process stopped, and tells every socket [R6]: that
 * process knew only what was saved.
 */
export async function saveShown(
  deps: EndingDeps,
  pause: ClaimPause,
  { job, shown }: Writing,
  leaving: () => boolean,
): Promise<void> {
  const { replyId, epoch, sessionId } = job
  const save = () => deps.store.addShown({ replyId, epoch, text: shown })
  const change = await untilSaved(deps, pause, replyId, save, leaving)
  if (change) deps.broadcaster.toSession(sessionId, 'chat:message', { sessionId, change })
}

async function untilSaved<T>(
  deps: EndingDeps,
  pause: ClaimPause,
  replyId: string,
  save: () => Promise<T>,
  leaving: () => boolean,
): Promise<T | null> {
  for (;;) {
    try {
      const result = await save()
      pause.reached()
      return result
    } catch (cause) {
      pause.lost()
      deps.log.error({ replyId, err: cause }, 'reply could not be saved')
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
  // No reply is limited but by the budget of its person.
  const sentence = error === 'RATE_LIMITED' ? SPENT_SENTENCE : errors[error].sentence
  const failure = { error, message: sentence, replyId, requestId: replyId }
  broadcaster.toSession(sessionId, 'chat:error', failure)
}

/**
 * Tells every socket of a session of the waiting replies that ended as their turn came, since their person has
 * spent the budget of the day; each with the whole change, as whichever event a client takes first is enough.
 */
export function tellUnstarted(broadcaster: Broadcaster, change: Change): void {
  const unstarted = change.messages.filter(
    ({ status, error }) => status === 'failed' && error === 'RATE_LIMITED',
  )
  for (const message of unstarted) {
    tellEnd(broadcaster, message, { ...change, messages: change.messages.filter((row) => row !== message) })
  }
}
