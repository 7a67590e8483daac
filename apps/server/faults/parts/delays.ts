import { textOf } from '@parley/client'
import type { Person } from './person.ts'

interface Piece {
  /** Of the answer up to its end. */
  readonly length: number
  readonly at: number
}

/** From the model writing a piece to a page having it, on one clock. */
export class Delays {
  readonly #written = new Map<string, Piece[]>()
  readonly #found: number[] = []

  /** To be told of each piece that the model writes. */
  readonly onPiece = (question: string, length: number): void => {
    const pieces = this.#written.get(question)
    if (pieces) pieces.push({ length, at: performance.now() })
  }

  /** Watches the reply to what a person is about to say. Returns a function that ends it. */
  watch(person: Person, question: string): () => void {
    const waiting: Piece[] = []
    this.#written.set(question, waiting)
    return person.session.state.subscribe(() => {
      const state = person.state()
      const { messages } = state
      const newest = messages.at(-1)
      if (newest?.sender !== 'ai' || messages.at(-2)?.content !== question) return
      const { length } = textOf(state, newest)
      const now = performance.now()
      while (waiting[0] && waiting[0].length <= length) {
        this.#found.push(now - waiting[0].at)
        waiting.shift()
      }
    })
  }

  /** All delays so far, in milliseconds; begins anew. */
  take(): number[] {
    return this.#found.splice(0)
  }
}
