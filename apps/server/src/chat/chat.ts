import {
  type AckData,
  type ClientEvents,
  firstCodePoints,
  limits,
  type Message,
  type Page,
  type Payload,
  type Snapshot,
} from '@parley/protocol'
import { ChatFailure } from './failure.ts'
import type { Moderation } from './moderation.ts'
import { publicPersona } from './persona.ts'
import type { Broadcaster, Clock, Signals, Store } from './ports.ts'
import { busy, refusalOf, refuseSession, spentUp } from './refusal.ts'
import type { Replies } from './replies.ts'
import { within } from './within.ts'

/** What the use cases need. */
export interface ChatDeps {
  readonly store: Store
  readonly replies: Replies
  readonly moderation: Moderation
  readonly broadcaster: Broadcaster
  readonly signals: Signals
  readonly clock: Clock
}

/** Who asks, and through which socket: that one gets its answer by the ack and not by the room. */
export interface Caller {
  readonly userId: string
  readonly socketId: string
}

/** Lets a socket hear a session, or no more. */
export interface Subscription {
  /** False if it heard the session already. */
  add(sessionId: string): Promise<boolean>
  remove(sessionId: string): Promise<void>
}

/** How long a stop waits for the process that writes the reply, and how often it looks, in milliseconds. */
const STOP_WAIT_MS = 8_000
const STOP_POLL_MS = 200

/**
 * What a person can do in a session. Every method answers with the ack's data.
 *
 * @throws {ChatFailure} with the code that the sender is told.
 * @throws {StorageUnavailable}
 */
export class Chat {
  readonly #deps: ChatDeps

  constructor(deps: ChatDeps) {
    this.#deps = deps
  }

  /** Opens a session. The socket hears it before it is read, so no change falls between [J1]. */
  async join(
    caller: Caller,
    request: Payload<ClientEvents, 'chat:join'>,
    subscription: Subscription,
  ): Promise<AckData<ClientEvents, 'chat:join'>> {
    const { store } = this.#deps
    const persona = await store.persona(request.personaId)
    if (!persona) throw new ChatFailure('PERSONA_NOT_FOUND')
    const shown = publicPersona(persona)
    const opened = await store
      .openSession({
        userId: caller.userId,
        personaId: request.personaId,
        sessionId: request.sessionId ?? null,
        fresh: request.fresh ?? false,
        clientRequestId: request.clientRequestId ?? null,
        greeting: shown.greeting,
        personaVersionId: persona.id,
      })
      .catch(refuseSession)
    if (!opened) throw new ChatFailure('SESSION_NOT_FOUND')
    const snapshot = await this.#subscribe(caller, opened.sessionId, subscription)
    return { ...snapshot, live: this.#newest(snapshot.live), persona: shown, created: opened.created }
  }

  async #subscribe(caller: Caller, sessionId: string, subscription: Subscription): Promise<Snapshot> {
    const added = await subscription.add(sessionId)
    try {
      const snapshot = await this.#deps.store.snapshot(caller.userId, sessionId)
      if (!snapshot) throw new ChatFailure('SESSION_NOT_FOUND')
      return snapshot
    } catch (cause) {
      if (added) await subscription.remove(sessionId)
      throw cause
    }
  }

  /** Commits what a person says and starts the reply. */
  async say(
    caller: Caller,
    said: Payload<ClientEvents, 'chat:message'>,
  ): Promise<AckData<ClientEvents, 'chat:message'>> {
    const { store, replies, broadcaster } = this.#deps
    const clientMessageId = said.clientMessageId ?? null
    const refusal = await refusalOf(this.#deps, said.content)
    if (refusal) {
      // What was committed stays committed, whatever a repeat meets.
      const earlier =
        clientMessageId && (await store.findTurn(caller.userId, said.sessionId, clientMessageId))
      if (!earlier) throw refusal
      return { change: earlier, duplicate: true }
    }
    const result = await store.commitTurn({
      userId: caller.userId,
      sessionId: said.sessionId,
      content: said.content,
      title: titleOf(said.content),
      clientMessageId,
    })
    if (result.outcome === 'not_found') throw new ChatFailure('SESSION_NOT_FOUND')
    if (result.outcome === 'busy') throw busy()
    if (result.outcome === 'spent') throw spentUp(result.retryAfterMs)
    const { change } = result
    const started = result.job !== null && replies.start(result.job)
    const duplicate = result.outcome === 'duplicate'
    // A repeat that starts its reply is the first that anybody hears of the turn.
    if (!duplicate || started) {
      const turn = { sessionId: said.sessionId, change }
      broadcaster.toSession(said.sessionId, 'chat:message', turn, caller.socketId)
    }
    if (!duplicate && result.titled) broadcaster.toUser(caller.userId, 'chat:session', change.session)
    return { change, duplicate }
  }

  /** Ends a reply where it is [R6]; answers with the row as saved. */
  async stop(caller: Caller, { sessionId, replyId }: Payload<ClientEvents, 'chat:stop'>): Promise<Message> {
    const { store, replies, signals, clock } = this.#deps
    const deadline = clock.now() + STOP_WAIT_MS
    for (let isTold = false; ; isTold = true) {
      const result = await store.stopReply(caller.userId, sessionId, replyId)
      if (result.outcome === 'session_not_found') throw new ChatFailure('SESSION_NOT_FOUND')
      if (result.outcome === 'message_not_found') throw new ChatFailure('MESSAGE_NOT_FOUND')
      if (result.outcome === 'ended') return result.message
      if (result.outcome === 'cancelled') {
        replies.tellEnd(result.message, result.change)
        return result.message
      }
      const message = await within(clock, deadline - clock.now(), replies.stop(replyId))
      if (message) return message
      // Another process writes it and reads the stop with its next flush; or this one cannot save its end.
      if (!isTold) signals.stopped(replyId)
      if (clock.now() >= deadline) throw new ChatFailure('BUSY', { retryAfterMs: STOP_WAIT_MS })
      await new Promise<void>((resolve) => clock.after(STOP_POLL_MS, resolve))
    }
  }

  /** Older messages of the shown branch. */
  async history(caller: Caller, request: Payload<ClientEvents, 'chat:history'>): Promise<Page> {
    const { sessionId, beforeSeq = null, limit = limits.pageMessages } = request
    const page = await this.#deps.store.history(caller.userId, sessionId, beforeSeq, limit)
    if (!page) throw new ChatFailure('SESSION_NOT_FOUND')
    if ('found' in page) throw new ChatFailure('MESSAGE_NOT_FOUND')
    return page
  }

  /** Everything that changed since a revision. */
  async sync(
    caller: Caller,
    { sessionId, afterRevision }: Payload<ClientEvents, 'chat:sync'>,
  ): Promise<AckData<ClientEvents, 'chat:sync'>> {
    const result = await this.#deps.store.sync(caller.userId, sessionId, afterRevision)
    if (!result) throw new ChatFailure('SESSION_NOT_FOUND')
    return { ...result, live: this.#newest(result.live) }
  }

  /** The database is at most a flush behind the process that writes; if that is this one, ask it. */
  #newest(live: Snapshot['live']): Snapshot['live'] {
    return live && this.#deps.replies.newest(live)
  }
}

/** A session's title: the first line of what was said first. */
function titleOf(content: string): string {
  const line = content.trim().split('\n', 1)[0]?.replace(/\s+/g, ' ') ?? ''
  const title = firstCodePoints(line, limits.titleCodePoints)
  return title === line ? title : `${title.trimEnd()}…`
}
