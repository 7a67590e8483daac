import {
  type Change,
  codePointLength,
  type ErrorCode,
  type LiveReply,
  limits,
  type Message,
} from '@parley/protocol'
import { ClaimPause } from './claim-pause.ts'
import { ChatFailure } from './failure.ts'
import { type Entry, Flushing } from './flushing.ts'
import {
  type ClaimedReply,
  type Log,
  type ReplyJob,
  type ShownText,
  StorageUnavailable,
  type Store,
} from './ports.ts'
import { buildPrompt, continueFrom } from './prompt.ts'
import { saveEnd, tellEnd } from './reply-end.ts'
import { within } from './within.ts'
import { ended, type Outcome, Writing, type WritingDeps } from './writing.ts'

/** What the replies of a process need. */
export interface RepliesDeps extends WritingDeps {
  readonly store: Store
  readonly log: Log
  readonly contextMessages: number
  /** How long a silent owner counts as alive, in milliseconds; the store's. */
  readonly leaseMs?: number
}

/** Ends of replies that are remembered. */
const ENDED_KEPT = 1_000
/** What each step of leaving may take, in milliseconds. */
const LEAVE_STEP_MS = 1_000
/** Replies taken over at a time. */
const CLAIM_BATCH = 50

/** All replies that this process writes. */
export class Replies {
  readonly #deps: RepliesDeps
  readonly #entries = new Map<string, Entry>()
  readonly #ended = new Set<string>()
  /** Sessions of which nothing is shown for the moment, and for how many calls. */
  readonly #held = new Map<string, number>()
  readonly #pause: ClaimPause
  readonly #flushing: Flushing
  #recovering: Promise<void> | null = null
  #leaving = false

  constructor(deps: RepliesDeps) {
    this.#deps = deps
    this.#pause = new ClaimPause(deps.clock, deps.leaseMs ?? limits.leaseMs)
    this.#flushing = new Flushing(deps, this.#pause, () => [...this.#entries.values()])
  }

  /** This process is about to end and begins nothing new. */
  get leaving(): boolean {
    return this.#leaving
  }

  /**
   * Writes a reply that this process owns; false if it is being written, was written, or will not be. One
   * that somebody had begun before is not: only its claim tells what there is of it.
   */
  start(job: ReplyJob): boolean {
    return job.epoch === 1 && this.#begin(job)
  }

  #begin(job: ReplyJob, claimed: ClaimedReply | null = null): boolean {
    if (this.#entries.has(job.replyId) || this.#isOver(job) || this.#leaving) return false
    const prefix = this.#deps.model.continuesPrefix ? (claimed?.prefix ?? '') : ''
    const isHeld = (sessionId: string) => this.#held.has(sessionId)
    const writing = new Writing(job, this.#deps, isHeld, prefix)
    const entry: Entry = {
      writing,
      saved: prefix.length,
      renewedAt: this.#deps.clock.now(),
      ending: false,
      done: Promise.resolve(null),
    }
    this.#entries.set(job.replyId, entry)
    entry.done = this.#write(entry, prefix, claimed).finally(() => this.#forget(job))
    this.#flushing.schedule()
    return true
  }

  #isOver(job: ReplyJob): boolean {
    return this.#ended.has(nameOf(job)) || this.#ended.has(job.replyId)
  }

  #forget(job: ReplyJob): void {
    this.#entries.delete(job.replyId)
    this.#remember(nameOf(job))
  }

  /** A late repeat of a commit may still bring the job of a reply that has just ended. */
  #remember(name: string): void {
    this.#ended.add(name)
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

  /** A live reply as sent so far, if it is written here; else as it is saved. */
  newest(saved: LiveReply): LiveReply {
    const writing = this.#entries.get(saved.replyId)?.writing
    if (!writing || writing.job.epoch < saved.epoch || writing.shown === '') return saved
    return { replyId: saved.replyId, epoch: writing.job.epoch, text: writing.shown }
  }

  /**
   * Starts replies that wait for nothing, and takes over those whose owner is gone. Only one call runs at a
   * time: one that comes during another is answered by that.
   *
   * @param alone no other process lives, so no lease has to run out first.
   */
  recover(alone: boolean): Promise<void> {
    this.#recovering ??= this.#recover(alone)
      .catch((cause: unknown) => {
        this.#pause.lost()
        throw cause
      })
      .finally(() => {
        this.#recovering = null
      })
    return this.#recovering
  }

  async #recover(alone: boolean): Promise<void> {
    const { store, model, broadcaster, log } = this.#deps
    for (const { change, job } of await store.startStranded(CLAIM_BATCH)) {
      broadcaster.toSession(job.sessionId, 'chat:message', { sessionId: job.sessionId, change })
      this.start(job)
    }
    this.#pause.reached()
    const continues = model.continuesPrefix ?? false
    while (!this.#leaving && (alone || this.#pause.over)) {
      const held = [...this.#entries.keys()]
      const claimed = await store.claimReplies({ limit: CLAIM_BATCH, held, alone, continues })
      for (const reply of claimed) {
        const { prefix, stopped, attempt, ...job } = reply
        log.info({ replyId: job.replyId, epoch: job.epoch, attempt, stopped }, 'reply taken over')
        this.#begin(job, reply)
      }
      if (claimed.length < CLAIM_BATCH) break
    }
  }

  /** Lets live replies end by themselves for at most `graceMs`, then leaves the rest to another process. */
  async drain(graceMs: number): Promise<void> {
    this.#leaving = true
    const { clock, store, log } = this.#deps
    await within(clock, graceMs, Promise.allSettled([...this.#entries.values()].map(({ done }) => done)))
    const left = [...this.#entries.values()].filter(({ ending }) => !ending)
    for (const { writing } of left) writing.interrupt('handover')
    await within(clock, LEAVE_STEP_MS, this.#flushing.end())
    await within(clock, LEAVE_STEP_MS, this.#flushing.flush(left))
    // What a claim brings now is written by nobody here, and let go of with the rest.
    await within(clock, LEAVE_STEP_MS, Promise.allSettled([this.#recovering]))
    await within(clock, LEAVE_STEP_MS, store.releaseReplies()).catch((cause: unknown) => {
      // Their leases run out by themselves; what else has to be closed must not wait for that.
      log.warn({ err: cause }, 'live replies could not be released')
    })
  }

  async #write(entry: Entry, prefix: string, claimed: ClaimedReply | null): Promise<Message | null> {
    const { replyId, epoch } = entry.writing.job
    const outcome = endOfClaimed(claimed) ?? (await this.#attempt(entry.writing, prefix))
    if (outcome.kind !== 'ended') {
      this.#deps.log.info({ replyId, epoch, outcome: outcome.kind }, 'reply left')
      return null
    }
    entry.ending = true
    // An attempt that ends before its first word takes nothing away from what is shown.
    const content = entry.writing.text || (claimed?.prefix ?? '')
    const end = { replyId, epoch, content, demo: this.#deps.model.demo, ...outcome.end }
    // Saved first, then told [R5].
    const result = await saveEnd(this.#deps, this.#pause, end, () => this.#leaving)
    if (result === null) return null
    if (result.outcome === 'fenced') {
      this.#deps.log.warn({ replyId, epoch }, 'reply was taken over')
      return null
    }
    if (result.next) this.start(result.next)
    this.tellEnd(result.message, result.change)
    return result.message
  }

  async #attempt(writing: Writing, prefix: string): Promise<Outcome> {
    const { store, contextMessages } = this.#deps
    try {
      const persona = await store.personaVersion(writing.job.personaVersionId)
      if (!persona) throw new ChatFailure('PERSONA_NOT_FOUND')
      const reserved = codePointLength(prefix)
      const budget = { messages: contextMessages, codePoints: limits.promptCodePoints, reserved }
      const prompt = buildPrompt(persona, null, writing.job.context, budget)
      const { messages, trace } = continueFrom(prompt, prefix)
      this.#deps.log.debug({ replyId: writing.job.replyId, trace }, 'prompt built')
      return await writing.run({ messages, persona })
    } catch (cause) {
      this.#deps.log.error({ replyId: writing.job.replyId, err: cause }, 'reply could not be written')
      return ended('failed', codeOf(cause))
    }
  }

  /** Tells every socket of a session how a reply ended; `change` is without the reply's own row. */
  tellEnd(message: Message, change: Change): void {
    tellEnd(this.#deps.broadcaster, message, change)
  }
}

/** Names one writing of a reply: a process may lose a reply and later own it again. */
const nameOf = ({ replyId, epoch }: ReplyJob) => `${epoch} ${replyId}`

/** How a claimed reply ends without another attempt, or null: it is to be written. */
function endOfClaimed(claimed: ClaimedReply | null): Outcome | null {
  if (claimed?.stopped) return ended('stopped', null)
  if (claimed && claimed.attempt > limits.replyAttempts) return ended('failed', 'INTERNAL')
  return null
}

const keyOf = ({ replyId, epoch }: ReplyJob) => ({ replyId, epoch })

function codeOf(cause: unknown): ErrorCode {
  if (cause instanceof ChatFailure) return cause.code
  return cause instanceof StorageUnavailable ? 'STORAGE_UNAVAILABLE' : 'INTERNAL'
}
