import * as fc from 'fast-check'

const piece = fc.oneof(
  { weight: 4, arbitrary: fc.string({ unit: 'grapheme', maxLength: 4 }) },
  { weight: 2, arbitrary: fc.constantFrom('😀', '👋🏽', '👩‍👩‍👧', '𝒳', '\n', 'word ', '"', '\\') },
  { weight: 1, arbitrary: fc.constantFrom('\0', '\ud83d', '\ude00') },
)

/** A text full of traps, and the UTF-16 positions at which a model cuts it. */
export const textAndCuts = fc
  .array(piece, { maxLength: 30 })
  .map((pieces) => pieces.join(''))
  .chain((text) =>
    fc.record({
      text: fc.constant(text),
      cuts: fc.array(fc.nat({ max: text.length }), { maxLength: text.length + 1 }),
    }),
  )

/** The text in pieces, cut wherever it says. */
export function cutAt(text: string, cuts: readonly number[]): string[] {
  const edges = [0, ...[...cuts].sort((a, b) => a - b), text.length]
  return edges.slice(1).map((edge, index) => text.slice(edges[index], edge))
}
