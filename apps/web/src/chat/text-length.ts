import { codePointLength, isBlank, limits } from '@parley/protocol'

/** Whether a text may be sent, and what to say about its length. */
export interface TextCheck {
  readonly canSend: boolean
  /** Characters left; negative when there are too many; null while there are plenty. */
  readonly left: number | null
}

/** From here on the person is told how much is left. */
const NEAR_LIMIT = 500

/** Checks a text against the limit of the contract, in Unicode code points. */
export function checkText(text: string): TextCheck {
  // A code point has at most two code units, so a short text needs no counting.
  if (text.length <= limits.contentCodePoints - NEAR_LIMIT) return { canSend: !isBlank(text), left: null }
  const left = limits.contentCodePoints - codePointLength(text)
  return { canSend: left >= 0 && !isBlank(text), left: left <= NEAR_LIMIT ? left : null }
}
