import { cleanText } from '@parley/protocol'

/**
 * Makes a model's pieces of text whole. A piece may end between the two halves of a surrogate pair:
 * the first half waits for the next piece, so that no text that leaves here ever holds half a pair.
 */
export class TextRepair {
  #held = ''

  /** The part of the text that is whole by now, cleaned as every stored text. */
  push(piece: string): string {
    // Between two halves U+0000 separates nothing: it goes before they are looked at.
    const text = this.#held + piece.replaceAll('\0', '')
    const last = text.charCodeAt(text.length - 1)
    const cut = last >= 0xd800 && last <= 0xdbff ? text.length - 1 : text.length
    this.#held = text.slice(cut)
    return cleanText(text.slice(0, cut))
  }

  /** What is left when no more pieces come. */
  end(): string {
    const rest = cleanText(this.#held)
    this.#held = ''
    return rest
  }
}
