import type { ClaimPause } from './claim-pause.ts'
import type { Broadcaster, ClaimedReply, Log, Model, ReplyJob, Store } from './ports.ts'
import { tellUnstarted } from './reply-end.ts'

/** What looking for replies that nobody writes needs. */
export interface RecoveryDeps {
  readonly store: Store
  readonly model: Model
  readonly broadcaster: Broadcaster
  readonly log: Log
}

/** The writer that recovered replies are given to. */
export interface Recoverer {
  /** This process is about to end and takes nothing over. */
  leaving(): boolean
  /** Ids of the replies that are written here; never claimed. */
  held(): readonly string[]
  start(job: ReplyJob): void
  takeOver(claimed: ClaimedReply): void
}

/** Replies taken over at a time. */
const CLAIM_BATCH = 50

/** Starts replies that wait for nothing, and takes over those whose owner is gone [R4]. */
export class Recovery {
  readonly #deps: RecoveryDeps
  readonly #pause: ClaimPause
  readonly #writer: Recoverer
  #running: Promise<void> | null = null

  constructor(deps: RecoveryDeps, pause: ClaimPause, writer: Recoverer) {
    this.#deps = deps
    this.#pause = pause
    this.#writer = writer
  }

  /** The call that runs now, if any. */
  get running(): Promise<void> | null {
    return this.#running
  }

  /**
   * Only one call runs at a time: one that comes during another is answered by that.
   *
   * @param alone no other process lives, so no lease has to run out first.
   */
  run(alone: boolean): Promise<void> {
    this.#running ??= this.#recover(alone)
      .catch((cause: unknown) => {
        this.#pause.lost()
        throw cause
      })
      .finally(() => {
        this.#running = null
      })
    return this.#running
  }

  async #recover(alone: boolean): Promise<void> {
    const { store, model, broadcaster, log } = this.#deps
    for (const { change, job } of await store.startStranded(CLAIM_BATCH)) {
      const sessionId = change.session.id
      broadcaster.toSession(sessionId, 'chat:message', { sessionId, change })
      tellUnstarted(broadcaster, change)
      if (job) this.#writer.start(job)
    }
    this.#pause.reached()
    const continues = model.continuesPrefix ?? false
    while (!this.#writer.leaving() && (alone || this.#pause.over)) {
      const held = this.#writer.held()
      const claimed = await store.claimReplies({ limit: CLAIM_BATCH, held, alone, continues })
      for (const reply of claimed) {
        const { replyId, epoch, attempt, stopped } = reply
        log.info({ replyId, epoch, attempt, stopped }, 'reply taken over')
        this.#writer.takeOver(reply)
      }
      if (claimed.length < CLAIM_BATCH) break
    }
  }
}
