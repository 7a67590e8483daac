import { hasEnded, type SessionState, textOf } from '@parley/client'
import type { Message } from '@parley/protocol'
import { type Call, numberOf } from './numbered-model.ts'

/** What one page has shown, as far as it may not be taken back. */
export interface View {
  revision: number
  /** What was sent from here and is not known to be committed, by its `clientMessageId`. */
  pending: ReadonlySet<string>
  readonly ended: Map<string, Message>
  /** What was checked last of each reply. */
  readonly seen: Map<string, { readonly row: Message; readonly text: string }>
}

/** A page that has shown nothing yet. */
export const newView = (): View => ({
  revision: -1,
  pending: new Set(),
  ended: new Map(),
  seen: new Map(),
})

/** A message that was pending on a page and is no more, and the revision that the page was at. */
export interface Settled {
  readonly page: string
  readonly clientMessageId: string
  readonly revision: number
}

/**
 * Sees every state of every page of a run, and notes what must never be shown: a text that is not the
 * beginning of what one call of the model said, an end that is taken back, something twice.
 */
export class Witness {
  readonly faults: string[] = []
  /** The longest text that anybody saw of each reply. */
  readonly longest = new Map<string, string>()
  readonly settled: Settled[] = []
  readonly #calls: ReadonlyMap<string, Call>
  readonly #callOf = new Map<string, string>()

  constructor(calls: ReadonlyMap<string, Call>) {
    this.#calls = calls
  }

  /** Looks at what a page shows now. */
  see(page: string, view: View, state: SessionState): void {
    if (state.revision < view.revision) this.#note(page, `went back to revision ${state.revision}`)
    view.revision = state.revision
    this.#checkDoubles(page, state)
    this.#seePending(page, view, state)
    for (const row of state.messages) {
      if (row.sender === 'ai' && row.parentId !== null) this.#seeReply(page, view, row, textOf(state, row))
    }
  }

  #checkDoubles(page: string, { messages, pending }: SessionState): void {
    const ids = messages.map(({ id }) => id)
    if (new Set(ids).size < ids.length) this.#note(page, 'shows a message twice')
    for (const { clientMessageId } of pending) {
      const isShown = messages.some((row) => row.clientMessageId === clientMessageId)
      if (isShown) this.#note(page, `shows ${clientMessageId} both as sent and as pending`)
    }
  }

  #seePending(page: string, view: View, { pending, revision }: SessionState): void {
    const now = new Set(pending.map((entry) => entry.clientMessageId))
    for (const clientMessageId of view.pending) {
      if (!now.has(clientMessageId)) this.settled.push({ page, clientMessageId, revision })
    }
    view.pending = now
  }

  #seeReply(page: string, view: View, row: Message, text: string): void {
    const before = view.seen.get(row.id)
    if (before?.row === row && before.text === text) return
    view.seen.set(row.id, { row, text })
    const end = view.ended.get(row.id)
    if (end && (end.status !== row.status || end.content !== row.content)) {
      this.#note(page, `took back the end of ${row.id}: ${end.status}, then ${row.status}`)
    }
    if (hasEnded(row)) view.ended.set(row.id, row)
    if (text !== '') this.#seeText(page, row, text)
  }

  #seeText(page: string, row: Message, text: string): void {
    const number = numberOf(text)
    const call = number === null ? undefined : this.#calls.get(number)
    // What was there before the run has no call.
    if (number === null && row.content !== '' && !this.#callOf.has(row.id)) return
    const saidBy = number === null || !call?.text.startsWith(text) ? 'no call' : number
    const known = this.#callOf.get(row.id) ?? saidBy
    if (saidBy !== known || saidBy === 'no call') {
      this.#note(page, `${row.id} shows ${JSON.stringify(text)} of ${saidBy}, and ${known} writes it`)
    }
    if (row.status === 'complete' && text !== call?.text) this.#note(page, `${row.id} is complete too early`)
    this.#callOf.set(row.id, saidBy)
    if (text.length > (this.longest.get(row.id)?.length ?? 0)) this.longest.set(row.id, text)
  }

  #note(page: string, fault: string): void {
    this.faults.push(`${page} ${fault}`)
  }
}
