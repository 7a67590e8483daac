import { z } from 'zod'
import { limits } from './limits.ts'

/**
 * Text as it can be stored: U+0000 removed (both databases reject it) and lone surrogates replaced
 * by U+FFFD (a database would do so silently, and the stored text would differ from the shown one).
 */
export function cleanText(text: string): string {
  return text.replaceAll('\0', '').toWellFormed()
}

/** Length in Unicode code points, the unit of every text limit of the contract. */
export function codePointLength(text: string): number {
  let length = 0
  for (const _ of text) length++
  return length
}

/** The first `max` code points of a text; never cuts a surrogate pair. */
export function firstCodePoints(text: string, max: number): string {
  if (text.length <= max) return text
  let end = 0
  let count = 0
  for (const point of text) {
    if (++count > max) break
    end += point.length
  }
  return text.slice(0, end)
}

/**
 * True when a text shows nothing: only white space, control and format characters, and letters that
 * are drawn as nothing (Hangul fillers, variation selectors, the empty Braille cell).
 */
export function isBlank(text: string): boolean {
  return !/[^\s\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}\u2800]/u.test(text)
}

/** What a person sends: cleaned, not blank, at most `limits.contentCodePoints` code points. */
export const Content = z
  .string()
  .transform(cleanText)
  .refine((text) => !isBlank(text), { error: 'must contain visible text' })
  .refine((text) => codePointLength(text) <= limits.contentCodePoints, {
    error: `must be at most ${limits.contentCodePoints} characters long`,
  })
