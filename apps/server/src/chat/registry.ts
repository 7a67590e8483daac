import type { LiveReply } from '@parley/protocol'
import type { Entry } from './flushing.ts'
import type { ReplyJob, ShownText } from './ports.ts'
import type { Writing } from './writing.ts'

/** Ends of replies that are remembered. */
const ENDED_KEPT = 1_000

/** Which replies this process writes, which it wrote, and of which sessions nothing is shown for the moment. */
export class Registry {
  readonly #entries = new Map<string, Entry>()
  readonly #ended = new Set<string>()
  /** Sessions of which nothing is shown for the moment, and for how many calls. */
  readonly #held = new Map<string, number>()

  /** Whatever is being written now. */
  get entries(): Entry[] {
    return [...this.#entries.values()]
  }

  /** Ids of the replies that are being written now. */
  get ids(): string[] {
    return [...this.#entries.keys()]
  }

  /** A reply that is being written now. */
  entry(replyId: string): Entry | undefined {
    return this.#entries.get(replyId)
  }

  /** Whether a reply is being written under any epoch, was under this one, or never will be. */
  knows(job: ReplyJob): boolean {
    return this.#entries.has(job.replyId) || this.#ended.has(nameOf(job)) || this.#ended.has(job.replyId)
  }

  /** Takes in a reply that is being written from now on. */
  add(entry: Entry): void {
    this.#entries.set(entry.writing.job.replyId, entry)
  }

  /** The writing of a reply is over. */
  forget(job: ReplyJob): void {
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

  /** Closes the calls upstream of replies whose end is saved already; none of them is ever started here. */
  abandon(replyIds: readonly string[]): void {
    for (const replyId of replyIds) {
      this.#remember(replyId)
      this.#entries.get(replyId)?.writing.interrupt('lost')
    }
  }

  /** Whether a reply was given up here, whatever is still written of it. */
  isAbandoned(replyId: string): boolean {
    return this.#ended.has(replyId)
  }

  /** Whether nothing of a session is to be shown for the moment. */
  isHeld(sessionId: string): boolean {
    return this.#held.has(sessionId)
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

  #writingsOf(sessionId: string): Writing[] {
    const writings = this.entries.map(({ writing }) => writing)
    return writings.filter(({ job }) => job.sessionId === sessionId)
  }

  /** A live reply as sent so far, if it is written here; else as it is saved. */
  newest(saved: LiveReply): LiveReply {
    const writing = this.#entries.get(saved.replyId)?.writing
    if (!writing || writing.job.epoch < saved.epoch || writing.shown === '') return saved
    return { replyId: saved.replyId, epoch: writing.job.epoch, text: writing.shown }
  }
}

/** Names one writing of a reply: a process may lose a reply and later own it again. */
const nameOf = ({ replyId, epoch }: ReplyJob) => `${epoch} ${replyId}`

const keyOf = ({ replyId, epoch }: ReplyJob) => ({ replyId, epoch })
