import type { AckData, Change, ClientEvents, Payload } from '@parley/protocol'
import type { Caller, ChatDeps } from './chat.ts'
import { ChatFailure } from './failure.ts'
import type { BranchResult, ReplyJob, ShownText } from './ports.ts'
import { busy, refusalOf, refusalOfLeaving, spentUp } from './refusal.ts'

/**
 * What a person can do with the branches of a session [M6]. Whatever makes or shows another branch first
 * stops the replies that are live or wait. Every method answers with the ack's data.
 *
 * @throws {ChatFailure} with the code that the sender is told.
 * @throws {StorageUnavailable}
 */
export class Branches {
  readonly #deps: ChatDeps

  constructor(deps: ChatDeps) {
    this.#deps = deps
  }

  /** Commits what a person says instead of a message, and starts the reply. */
  async edit(
    caller: Caller,
    request: Payload<ClientEvents, 'chat:edit'>,
  ): Promise<AckData<ClientEvents, 'chat:edit'>> {
    const { sessionId, messageId, content, clientMessageId = null } = request
    const { store } = this.#deps
    const { userId } = caller
    const refusal = await refusalOf(this.#deps, content)
    if (refusal) {
      const earlier = clientMessageId && (await store.findTurn(userId, sessionId, clientMessageId))
      if (!earlier) throw refusal
      return { change: earlier, duplicate: true }
    }
    return this.#begin(caller, sessionId, (shown) =>
      store.editMessage({ userId, sessionId, messageId, content, clientMessageId, shown }),
    )
  }

  /** Has a message answered anew. */
  async regenerate(
    caller: Caller,
    request: Payload<ClientEvents, 'chat:regenerate'>,
  ): Promise<AckData<ClientEvents, 'chat:regenerate'>> {
    const { sessionId, messageId, clientRequestId = null } = request
    const refusal = refusalOfLeaving(this.#deps.replies)
    if (refusal) throw refusal
    const { userId } = caller
    return this.#begin(caller, sessionId, (shown) =>
      this.#deps.store.regenerate({ userId, sessionId, messageId, clientRequestId, shown }),
    )
  }

  /** Shows the branch that a message is on. */
  async select(
    caller: Caller,
    { sessionId, messageId }: Payload<ClientEvents, 'chat:select'>,
  ): Promise<AckData<ClientEvents, 'chat:select'>> {
    const { store, replies } = this.#deps
    const { userId } = caller
    const result = await replies.holding(sessionId, async (shown) => {
      const selected = await store.selectBranch({ userId, sessionId, messageId, shown })
      if (selected.outcome === 'selected') replies.abandon(selected.stopped)
      return selected
    })
    if (result.outcome !== 'selected') throw refused(result.outcome)
    const { change, page, stopped } = result
    if (change.revision > change.prevRevision) this.#tell(caller, change, stopped)
    return { ...page, change }
  }

  async #begin(
    caller: Caller,
    sessionId: string,
    commit: (shown: readonly ShownText[]) => Promise<BranchResult>,
  ): Promise<{ change: Change; duplicate: boolean }> {
    const { replies } = this.#deps
    const result = await replies.holding(sessionId, async (shown) => {
      const committed = await commit(shown)
      if (committed.outcome === 'committed') replies.abandon(committed.stopped)
      return committed
    })
    switch (result.outcome) {
      case 'committed':
        replies.start(result.job)
        this.#tell(caller, result.change, result.stopped)
        return { change: result.change, duplicate: false }
      case 'duplicate':
        this.#startLost(caller, result.change, result.job)
        return { change: result.change, duplicate: true }
      case 'spent':
        throw spentUp(result.retryAfterMs)
      default:
        throw refused(result.outcome)
    }
  }

  /** A repeat that starts its reply is the first that anybody hears of the branch. */
  #startLost(caller: Caller, change: Change, job: ReplyJob | null): void {
    if (job && this.#deps.replies.start(job)) this.#tell(caller, change, [])
  }

  /**
   * Each stopped reply has its own end, for clients that listen to nothing else, with the whole change:
   * whichever event of it a client takes first, the others bring nothing new.
   */
  #tell(caller: Caller, change: Change, stopped: readonly string[]): void {
    const { replies, broadcaster } = this.#deps
    const sessionId = change.session.id
    broadcaster.toSession(sessionId, 'chat:message', { sessionId, change }, caller.socketId)
    for (const message of change.messages) {
      if (!stopped.includes(message.id)) continue
      replies.tellEnd(message, { ...change, messages: change.messages.filter((row) => row !== message) })
    }
    broadcaster.toUser(caller.userId, 'chat:session', change.session)
  }
}

function refused(outcome: 'session_not_found' | 'message_not_found' | 'full' | 'busy'): ChatFailure {
  if (outcome === 'busy') return busy()
  if (outcome === 'full') return new ChatFailure('INVALID_PAYLOAD')
  return new ChatFailure(outcome === 'session_not_found' ? 'SESSION_NOT_FOUND' : 'MESSAGE_NOT_FOUND')
}
