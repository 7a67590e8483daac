import { type Change, type LiveReply, limits, type Message } from '@parley/protocol'
import { type AttemptDeps, attempt } from './attempt.ts'
import { ClaimPause } from './claim-pause.ts'
import { type Entry, Flushing } from './flushing.ts'
import type { Moderation } from './moderation.ts'
import type { ClaimedReply, ReplyJob, ShownText } from './ports.ts'
import { Recovery } from './recovery.ts'
import { Registry } from './registry.ts'
import { saveEnd, saveShown, tellEnd, tellUnstarted } from './reply-end.ts'
import { within } from './within.ts'
import { ended, type Outcome, Writing, type WritingDeps } from './writing.ts'

/** What the replies of a process need. */
export interface RepliesDeps extends AttemptDeps, WritingDeps {
  readonly moderation: Moderation
  /** How long a silent owner counts as alive, in milliseconds; the store's. */
  readonly leaseMs?: number
}

/** What each step of leaving may take, in milliseconds. */
const LEAVE_STEP_MS = 1_000

/** All replies that this process writes. */
export class Replies {
  readonly #deps: RepliesDeps
  readonly #registry = new Registry()
  readonly #pause: ClaimPause
  readonly #flushing: Flushing
  readonly #recovery: Recovery
  #leaving = false

  constructor(deps: RepliesDeps) {
    this.#deps = deps
    this.#pause = new ClaimPause(deps.clock, deps.leaseMs ?? limits.leaseMs)
    this.#flushing = new Flushing(deps, this.#pause, () => this.#registry.entries)
    this.#recovery = new Recovery(deps, this.#pause, {
      leaving: () => this.#leaving,
      held: () => this.#registry.ids,
      start: (job) => this.start(job),
      takeOver: (claimed) => this.#takeOver(claimed),
    })
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

  #takeOver(claimed: ClaimedReply): void {
    const { prefix, stopped, attempt, overBudget, ...job } = claimed
    this.#begin(job, claimed)
  }

  #begin(job: ReplyJob, claimed: ClaimedReply | null = null): boolean {
    if (this.#registry.knows(job) || this.#leaving) return false
    const prefix = this.#deps.model.continuesPrefix ? (claimed?.prefix ?? '') : ''
    const isHeld = (sessionId: string) => this.#registry.isHeld(sessionId)
    const writing = new Writing(job, this.#deps, isHeld, prefix)
    const entry: Entry = {
      writing,
      saved: prefix.length,
      renewedAt: this.#deps.clock.now(),
      ending: false,
      done: Promise.resolve(null),
    }
    this.#registry.add(entry)
    entry.done = this.#write(entry, prefix, claimed).finally(() => this.#registry.forget(job))
    this.#flushing.schedule()
    return true
  }

  /** Stops a reply and waits until its end is saved; null when it is not written here. */
  async stop(replyId: string): Promise<Message | null> {
    const entry = this.#registry.entry(replyId)
    if (!entry) return null
    entry.writing.interrupt('stop')
    return entry.done
  }

  /** @see Registry.holding */
  holding<T>(sessionId: string, call: (shown: readonly ShownText[]) => Promise<T>): Promise<T> {
    return this.#registry.holding(sessionId, call)
  }

  /** @see Registry.abandon */
  abandon(replyIds: readonly string[]): void {
    this.#registry.abandon(replyIds)
  }

  /** @see Registry.newest */
  newest(saved: LiveReply): LiveReply {
    return this.#registry.newest(saved)
  }

  /**
   * Starts replies that wait for nothing, and takes over those whose owner is gone. Only one call runs at a
   * time: one that comes during another is answered by that.
   *
   * @param alone no other process lives, so no lease has to run out first.
   */
  recover(alone: boolean): Promise<void> {
    return this.#recovery.run(alone)
  }

  /** Lets live replies end by themselves for at most `graceMs`, then leaves the rest to another process. */
  async drain(graceMs: number): Promise<void> {
    this.#leaving = true
    const { clock, store, log } = this.#deps
    await within(clock, graceMs, Promise.allSettled(this.#registry.entries.map(({ done }) => done)))
    const left = this.#registry.entries.filter(({ ending }) => !ending)
    for (const { writing } of left) writing.interrupt('handover')
    await within(clock, LEAVE_STEP_MS, this.#flushing.end())
    await within(clock, LEAVE_STEP_MS, this.#flushing.flush(left))
    // What a claim brings now is written by nobody here, and let go of with the rest.
    await within(clock, LEAVE_STEP_MS, Promise.allSettled([this.#recovery.running]))
    await within(clock, LEAVE_STEP_MS, store.releaseReplies()).catch((cause: unknown) => {
      // Their leases run out by themselves; what else has to be closed must not wait for that.
      log.warn({ err: cause }, 'live replies could not be released')
    })
  }

  async #write(entry: Entry, prefix: string, claimed: ClaimedReply | null): Promise<Message | null> {
    const { replyId, epoch } = entry.writing.job
    const outcome = endOfClaimed(claimed) ?? (await attempt(this.#deps, entry.writing, prefix))
    if (outcome.kind !== 'ended') {
      this.#deps.log.info({ replyId, epoch, outcome: outcome.kind }, 'reply left')
      if (outcome.kind === 'lost') await this.#leave(entry.writing)
      return null
    }
    entry.ending = true
    // An attempt that ends before its first word takes nothing away from what is shown.
    const content = entry.writing.text || (claimed?.prefix ?? '')
    const said = { replyId, epoch, content, demo: this.#deps.model.demo, ...outcome.end }
    const end = await this.#deps.moderation.judged(said)
    // Saved first, then told [R5].
    const result = await saveEnd(this.#deps, this.#pause, end, () => this.#leaving)
    if (result === null) return null
    if (result.outcome === 'fenced') {
      this.#deps.log.warn({ replyId, epoch }, 'reply was taken over')
      await this.#leave(entry.writing)
      return null
    }
    if (result.next) this.start(result.next)
    this.tellEnd(result.message, result.change)
    tellUnstarted(this.#deps.broadcaster, result.change)
    return result.message
  }

  /** If it was stopped elsewhere, what was shown here is kept; if here, the stop knew it. */
  async #leave(writing: Writing): Promise<void> {
    if (writing.shown === '' || this.#registry.isAbandoned(writing.job.replyId)) return
    await saveShown(this.#deps, this.#pause, writing, () => this.#leaving)
  }

  /** Tells every socket of a session how a reply ended; `change` is without the reply's own row. */
  tellEnd(message: Message, change: Change): void {
    tellEnd(this.#deps.broadcaster, message, change)
  }
}

/** How a claimed reply ends without another attempt, or null: it is to be written. */
function endOfClaimed(claimed: ClaimedReply | null): Outcome | null {
  if (claimed?.stopped) return ended('stopped', null)
  if (claimed?.overBudget) return ended('failed', 'RATE_LIMITED')
  if (claimed && claimed.attempt > limits.replyAttempts) return ended('failed', 'INTERNAL')
  return null
}
