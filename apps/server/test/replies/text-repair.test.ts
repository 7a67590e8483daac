import { cleanText } from '@parley/protocol'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { TextRepair } from '../../src/chat/text-repair.ts'
import { cutAt, textAndCuts } from './texts.ts'

const repair = (pieces: readonly string[]) => {
  const whole = new TextRepair()
  return [...pieces.map((piece) => whole.push(piece)), whole.end()]
}

describe('[R2] text that comes in pieces', () => {
  it('whatever the pieces, no part holds half a character and all parts give the text, cleaned', () => {
    fc.assert(
      fc.property(textAndCuts, ({ text, cuts }) => {
        const parts = repair(cutAt(text, cuts))
        for (const part of parts) expect(part.isWellFormed()).toBe(true)
        expect(parts.join('')).toBe(cleanText(text))
      }),
      { numRuns: 500 },
    )
  })

  it('holds back a half character only, and only until it is known what it belongs to', () => {
    expect(repair(['a\ud83d', '\ude00b'])).toEqual(['a', '😀b', ''])
    expect(repair(['\ud83d', '\ud83d', '\ude00'])).toEqual(['', '\ufffd', '😀', ''])
    expect(repair(['a\ud83d', 'b'])).toEqual(['a', '\ufffdb', ''])
    expect(repair(['a\ud83d'])).toEqual(['a', '\ufffd'])
    expect(repair(['\ude00a'])).toEqual(['\ufffda', ''])
  })

  it('cases c1 and c2: U+0000 between two halves does not part them', () => {
    expect(repair(['\ud83d\0', '\0', '\ude00']).join('')).toBe('😀')
  })
})
