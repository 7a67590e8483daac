import { type Change, type ErrorCode, errors, limits, type Message } from '@parley/protocol'
import { ChatFailure } from './failure.ts'
import {
  type ClaimedReply,
  type FinishResult,
  type Log,
  type ReplyEnd,
  type ReplyJob,
  type ShownText,
  StorageUnavailable,
  type Store,
} from './ports.ts'
import { buildPrompt } from './prompt.ts'
import { within } from './within.ts'
import { type Outcome, Writing, type WritingDeps } from './writing.ts'

/** What the replies of a process need. */
export interface RepliesDeps extends WritingDeps {
  readonly store: Store
  readonly log: Log
  readonly contextMessages: number
}

/** Wait between tries to save a finished reply while the database is away, in milliseconds. */
const SAVE_RETRY_MS = 500
/** A silent reply's lease is renewed at least this often, in milliseconds. */
const RENEW_MS = 1_000
/** Ids of ended replies that are remembered. */
const ENDED_KEPT = 1_000
/** What each step of leaving may take, in milliseconds. */
const LEAVE_STEP_MS = 1_000
/** Replies taken over at a time. */
const CLAIM_BATCH = 50

interface Entry {
  readonly writing: Writing
  /** Code units that the database has. */
  saved: number
  renewedAt: number
  /** The model is done; only the end is still to be saved. The lease is held until it is. */
  ending: boolean
  done: Promise<Message | null>
}

/** All replies that this process writes. */
export class Replies {
  readonly #deps: RepliesDeps
  readonly #entries = new Map<string, Entry>()
  readonly #ended = new Set<string>()
  /** Sessions of which nothing is shown for the moment, and for how many calls. */
  readonly #held = new Map<string, number>()
  #cancelFlush: (() => void) | null = null
  #flushing: Promise<void> = Promise.resolve()
  #leaving = false

  constructor(deps: RepliesDeps) {
    this.#deps = deps
  }

  /** This process is about to end and begins nothing new. */
  get leaving(): boolean {
    return this.#leaving
  }

  /** Writes a reply that this process owns; false if it is being written, was written, or will not be. */
  start(job: ReplyJob): boolean {
    if (this.#entries.has(job.replyId) || this.#ended.has(job.replyId) || this.#leaving) return false
    const writing = new Writing(job, this.#deps, (sessionId) => this.#held.has(sessionId))
    const entry: Entry = {
      writing,
      saved: 0,
      renewedAt: this.#deps.clock.now(),
      ending: false,
      done: Promise.resolve(null),
    }
    this.#entries.set(job.replyId, entry)
    entry.done = this.#write(entry).finally(() => this.#forget(job.replyId))
    this.#scheduleFlush()
    return true
  }

  #forget(replyId: string): void {
    this.#entries.delete(replyId)
    this.#remember(replyId)
  }

  /** A late repeat of a commit may still bring the job of a reply that has just ended. */
  #remember(replyId: string): void {
    this.#ended.add(replyId)
    for (const oldest of this.#ended) {
      if (this.#ended.size <= ENDED_KEPT) break
      this.#ended.delete(oldest)
    }
  }

  /** Stops a reply and waits until its end is saved; null when it is not written here. */
  async stop(replyId: string): Promise<Message | null> {
    const entry = this.#entries.get(replyId)
    if (!entry) return null
    entry.writing.interrupt('stop')
    return entry.done
  }

  /**
   * Runs a call that may end the replies of a session with what is shown of them. Until it is over nothing
   * more of them is shown, so that no text is shown that the call does not know.
   */
  async holding<T>(sessionId: string, call: (shown: readonly ShownText[]) => Promise<T>): Promise<T> {
    this.#held.set(sessionId, (this.#held.get(sessionId) ?? 0) + 1)
    try {
      return await call(this.#writingsOf(sessionId).map(({ job, text }) => ({ ...keyOf(job), text })))
    } finally {
      const left = (this.#held.get(sessionId) ?? 1) - 1
      if (left > 0) this.#held.set(sessionId, left)
      else {
        this.#held.delete(sessionId)
        for (const writing of this.#writingsOf(sessionId)) writing.release()
      }
    }
  }

  /** Closes the calls upstream of replies whose end is saved already; none of them is ever started here. */
  abandon(replyIds: readonly string[]): void {
    for (const replyId of replyIds) {
      this.#remember(replyId)
      this.#entries.get(replyId)?.writing.interrupt('lost')
    }
  }

  #writingsOf(sessionId: string): Writing[] {
    const writings = [...this.#entries.values()].map(({ writing }) => writing)
    return writings.filter(({ job }) => job.sessionId === sessionId)
  }

  /** The text of a reply that is written here, as sent so far. */
  textOf(replyId: string, epoch: number): string | null {
    const writing = this.#entries.get(replyId)?.writing
    return writing?.job.epoch === epoch ? writing.text : null
  }

  /**
   * Takes over replies whose owner is gone, and starts those that wait for nothing.
   *
   * @param alone no other process lives, so no lease has to run out first.
   */
  async recover(alone: boolean): Promise<void> {
    for (;;) {
      const held = [...this.#entries.keys()]
      const claimed = await this.#deps.store.claimReplies({ limit: CLAIM_BATCH, held, alone })
      for (const reply of claimed) await this.#endClaimed(reply)
      if (claimed.length < CLAIM_BATCH) break
    }
    for (const { change, job } of await this.#deps.store.startStranded(CLAIM_BATCH)) {
      this.#deps.broadcaster.toSession(job.sessionId, 'chat:message', { sessionId: job.sessionId, change })
      this.start(job)
    }
  }

  /** Lets live replies end by themselves for at most `graceMs`, then leaves the rest to another process. */
  async drain(graceMs: number): Promise<void> {
    this.#leaving = true
    const { clock, store, log } = this.#deps
    await within(clock, graceMs, Promise.allSettled([...this.#entries.values()].map(({ done }) => done)))
    const left = [...this.#entries.values()].filter(({ ending }) => !ending)
    for (const { writing } of left) writing.interrupt('handover')
    this.#cancelFlush?.()
    await within(clock, LEAVE_STEP_MS, this.#flushing)
    await within(clock, LEAVE_STEP_MS, this.#flush(left))
    await within(clock, LEAVE_STEP_MS, store.releaseReplies()).catch((cause: unknown) => {
      // Their leases run out by themselves; what else has to be closed must not wait for that.
      log.warn({ err: cause }, 'live replies could not be released')
    })
  }

  async #write(entry: Entry): Promise<Message | null> {
    const { job } = entry.writing
    const { replyId, epoch } = job
    const outcome = await this.#attempt(entry.writing)
    if (outcome.kind !== 'ended') {
      this.#deps.log.info({ replyId, epoch, outcome: outcome.kind }, 'reply left')
      return null
    }
    entry.ending = true
    const { demo } = this.#deps.model
    return this.#save({ replyId, epoch, content: entry.writing.text, demo, ...outcome.end })
  }

  async #attempt(writing: Writing): Promise<Outcome> {
    const { store, contextMessages } = this.#deps
    try {
      const persona = await store.personaVersion(writing.job.personaVersionId)
      if (!persona) throw new ChatFailure('PERSONA_NOT_FOUND')
      const budget = { messages: contextMessages, codePoints: limits.promptCodePoints }
      const { messages, trace } = buildPrompt(persona, null, writing.job.context, budget)
      this.#deps.log.debug({ replyId: writing.job.replyId, trace }, 'prompt built')
      return await writing.run({ messages, persona })
    } catch (cause) {
      this.#deps.log.error({ replyId: writing.job.replyId, err: cause }, 'reply could not be written')
      const error = codeOf(cause)
      return { kind: 'ended', end: { status: 'failed', error, finishReason: null, usage: null } }
    }
  }

  /** Saves first, then tells [R5]. While the database is away it tries again; our epoch stays ours. */
  async #save(end: ReplyEnd): Promise<Message | null> {
    const result = await this.#finish(end)
    if (result === null) return null
    if (result.outcome === 'fenced') {
      this.#deps.log.warn({ replyId: end.replyId, epoch: end.epoch }, 'reply was taken over')
      return null
    }
    if (result.next) this.start(result.next)
    this.tellEnd(result.message, result.change)
    return result.message
  }

  async #finish(end: ReplyEnd): Promise<FinishResult | null> {
    for (;;) {
      try {
        return await this.#deps.store.finishReply(end, !this.#leaving)
      } catch (cause) {
        this.#deps.log.error({ replyId: end.replyId, err: cause }, 'reply could not be saved')
        if (this.#leaving) return null
        await new Promise<void>((resolve) => this.#deps.clock.after(SAVE_RETRY_MS, resolve))
      }
    }
  }

  /** Tells every socket of a session how a reply ended; `change` is without the reply's own row. */
  tellEnd(message: Message, change: Change): void {
    const { id: replyId, sessionId, error } = message
    this.#deps.broadcaster.toSession(sessionId, 'chat:response', { ...message, change })
    if (!error) return
    const failure = { error, message: errors[error].sentence, replyId, requestId: replyId }
    this.#deps.broadcaster.toSession(sessionId, 'chat:error', failure)
  }

  async #endClaimed(reply: ClaimedReply): Promise<void> {
    await this.#save({
      replyId: reply.replyId,
      epoch: reply.epoch,
      content: reply.prefix,
      status: reply.stopped ? 'stopped' : 'failed',
      error: reply.stopped ? null : 'INTERNAL',
      finishReason: null,
      usage: null,
      demo: this.#deps.model.demo,
    })
  }

  #scheduleFlush(): void {
    this.#cancelFlush ??= this.#deps.clock.after(limits.flushMs, () => {
      const now = this.#deps.clock.now()
      const due = [...this.#entries.values()].filter(
        ({ writing, saved, renewedAt }) => writing.text.length > saved || now - renewedAt >= RENEW_MS,
      )
      this.#flushing = this.#flush(due).finally(() => {
        this.#cancelFlush = null
        if (this.#entries.size > 0) this.#scheduleFlush()
      })
    })
  }

  /** Saves what these replies gained, in one statement [R3], and hears which of them are to end. */
  async #flush(entries: readonly Entry[]): Promise<void> {
    if (entries.length === 0) return
    const now = this.#deps.clock.now()
    const rows = entries.map(({ writing, saved }) => ({
      replyId: writing.job.replyId,
      epoch: writing.job.epoch,
      offset: saved,
      text: writing.text.slice(saved),
    }))
    try {
      const states = await this.#deps.store.flush(rows)
      for (const [index, entry] of entries.entries()) {
        entry.saved += rows[index]?.text.length ?? 0
        entry.renewedAt = now
        const state = states.get(entry.writing.job.replyId)
        if (state === 'stop') entry.writing.interrupt('stop')
        if (state === 'lost' && !entry.ending) entry.writing.interrupt('lost')
      }
    } catch (cause) {
      this.#deps.log.warn({ replies: rows.length, err: cause }, 'live replies could not be saved yet')
    }
  }
}

const keyOf = ({ replyId, epoch }: ReplyJob) => ({ replyId, epoch })

function codeOf(cause: unknown): ErrorCode {
  if (cause instanceof ChatFailure) return cause.code
  return cause instanceof StorageUnavailable ? 'STORAGE_UNAVAILABLE' : 'INTERNAL'
}
