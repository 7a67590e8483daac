import { codePointLength, firstCodePoints, isBlank, limits } from '@parley/protocol'
import type { Broadcaster, Clock, Model, ModelEvent, ModelRequest, ReplyEnd, ReplyJob } from './ports.ts'
import { ModelFault } from './ports.ts'
import { TextRepair } from './text-repair.ts'

/** Why a writing ends before the model does. `handover`: this process leaves it to another one. */
export type Interruption = 'stop' | 'timeout' | 'lost' | 'handover' | 'full'

/** What a writing needs. */
export interface WritingDeps {
  readonly model: Model
  readonly broadcaster: Broadcaster
  readonly clock: Clock
  /** How long an attempt may take, in milliseconds. */
  readonly timeoutMs: number
}

/** Whether nothing of a session is to be shown for the moment. */
export type IsHeld = (sessionId: string) => boolean

type ModelEnd = Extract<ModelEvent, { type: 'end' }>

/** How the model's part of a reply went; the text is in the writing. */
export type Outcome =
  | { readonly kind: 'ended'; readonly end: Omit<ReplyEnd, 'replyId' | 'epoch' | 'content' | 'demo'> }
  | { readonly kind: 'lost' }
  | { readonly kind: 'handover' }

/**
 * One attempt at one reply: takes the model's text, repairs it and sends it on [R2]. The first piece
 * goes out at once, later ones are gathered for a moment. Does not touch the database.
 */
export class Writing {
  readonly job: ReplyJob
  /** Everything that was written so far, what it goes on from included; whole characters only. */
  text: string
  readonly #deps: WritingDeps
  readonly #isHeld: IsHeld
  readonly #repair = new TextRepair()
  readonly #abort = new AbortController()
  #interruption: Interruption | null = null
  #sent: number
  /** Code points that the reply may still grow by. */
  #room: number
  #started = false
  #over = false
  #cancelSend: (() => void) | null = null

  /** @param prefix what an earlier epoch wrote and this one goes on from; everybody can have it. */
  constructor(job: ReplyJob, deps: WritingDeps, isHeld: IsHeld = () => false, prefix = '') {
    this.job = job
    this.#deps = deps
    this.#isHeld = isHeld
    this.text = prefix
    this.#sent = prefix.length
    this.#room = limits.replyCodePoints - codePointLength(prefix)
  }

  /** The text that everybody who has the session open can have. */
  get shown(): string {
    return this.text.slice(0, this.#sent)
  }

  /** Sends what was held back, if that is not over by now. */
  release(): void {
    if (!this.#over) this.#send()
  }

  /** Ends the attempt early and closes the call upstream. The first reason counts. */
  interrupt(reason: Interruption): void {
    this.#interruption ??= reason
    this.#abort.abort()
  }

  /** Runs the attempt to its end. Never throws: whatever goes wrong is an outcome. */
  async run(request: ModelRequest): Promise<Outcome> {
    const cancelTimeout = this.#deps.clock.after(this.#deps.timeoutMs, () => this.interrupt('timeout'))
    let end: ModelEnd | null = null
    let fault: unknown = null
    try {
      for await (const event of abortable(
        this.#deps.model.stream(request, this.#abort.signal),
        this.#abort.signal,
      )) {
        if (event.type === 'text') this.#take(event.text)
        else end = event
      }
    } catch (cause) {
      fault = cause
    } finally {
      cancelTimeout()
    }
    // A held half is lost only where the reply ends: whoever takes it over writes the whole character.
    if (this.#interruption !== 'handover' && this.#interruption !== 'lost') this.#append(this.#repair.end())
    this.#send()
    this.#over = true
    return this.#outcome(end, fault)
  }

  #take(piece: string): void {
    this.#append(this.#repair.push(piece))
    if (!this.#started) this.#send()
    else this.#cancelSend ??= this.#deps.clock.after(limits.deltaCoalesceMs, () => this.#send())
  }

  #append(text: string): void {
    const fitting = firstCodePoints(text, this.#room)
    this.text += fitting
    this.#room -= codePointLength(fitting)
    if (fitting.length < text.length) this.interrupt('full')
  }

  #send(): void {
    this.#cancelSend?.()
    this.#cancelSend = null
    if (this.text.length === this.#sent) return
    if (this.#interruption === 'lost' || this.#isHeld(this.job.sessionId)) return
    const { sessionId, replyId, epoch } = this.job
    const delta = { sessionId, replyId, epoch, offset: this.#sent, text: this.text.slice(this.#sent) }
    this.#deps.broadcaster.toSession(
      sessionId,
      'chat:delta',
      this.#started ? delta : { ...delta, start: true },
    )
    this.#started = true
    this.#sent = this.text.length
  }

  #outcome(end: ModelEnd | null, fault: unknown): Outcome {
    // A model that had already said its last word has ended, whatever interrupted after it.
    if (!end) return this.#unfinished(fault)
    if (end.reason === 'content_filter') return ended('failed', 'MODERATION_FAILED', end)
    if (isBlank(this.text)) return ended('failed', 'AI_UNAVAILABLE', end)
    return ended('complete', null, end)
  }

  #unfinished(fault: unknown): Outcome {
    switch (this.#interruption) {
      case 'lost':
      case 'handover':
        return { kind: this.#interruption }
      case 'stop':
        return ended('stopped', null)
      case 'timeout':
        return ended('failed', 'AI_TIMEOUT')
      case 'full':
        return ended('complete', null, { reason: 'length', usage: null })
      case null:
        if (fault instanceof ModelFault) return ended('failed', fault.code)
        // The stream ended without a word of why, or something of ours broke.
        return ended('failed', fault === null ? 'AI_UNAVAILABLE' : 'INTERNAL')
    }
  }
}

/** An attempt that ended so; `end` is what the model said of it. Its cost is for who asked the model to say. */
export function ended(
  status: ReplyEnd['status'],
  error: ReplyEnd['error'],
  end: Pick<ModelEnd, 'reason' | 'usage'> | null = null,
): Outcome {
  return {
    kind: 'ended',
    end: { status, error, finishReason: end?.reason ?? null, usage: end?.usage ?? null, tokens: 0 },
  }
}

/** The same iteration, but it ends with the signal even if its source does not. */
async function* abortable<T>(source: AsyncIterable<T>, signal: AbortSignal): AsyncGenerator<T> {
  const iterator = source[Symbol.asyncIterator]()
  const aborted = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true })
  })
  aborted.catch(() => undefined)
  try {
    signal.throwIfAborted()
    for (;;) {
      const step = await Promise.race([iterator.next(), aborted])
      if (step.done) return
      yield step.value
    }
  } finally {
    // Not awaited: a source that ignores the signal would hold the reply here for ever.
    iterator.return?.().catch(() => undefined)
  }
}
