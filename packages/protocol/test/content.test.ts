import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  CHAT_NAMESPACE,
  Content,
  cleanText,
  clientEvents,
  codePointLength,
  firstCodePoints,
  isBlank,
  limits,
} from '../src/index.ts'
import { anyText } from './arbitraries.ts'

const most = limits.contentCodePoints

describe('Content', () => {
  it('[M5] case c2: the limit counts code points, not UTF-16 units', () => {
    expect(Content.parse('😀'.repeat(most))).toHaveLength(2 * most)
    expect(Content.safeParse('😀'.repeat(most + 1)).success).toBe(false)
    expect(Content.safeParse('x'.repeat(most + 1)).success).toBe(false)
  })

  it('[M5] case c1: the limit and the blank check see the text without U+0000', () => {
    expect(Content.parse(`${'\0'.repeat(most)}${'x'.repeat(most)}`)).toBe('x'.repeat(most))
    expect(Content.safeParse('\0').success).toBe(false)
  })

  const blank = [
    '',
    ' ',
    '\n\t\r',
    '\u00a0',
    '\u3000',
    '\u2028',
    '\u200b',
    '\u200d\u2060',
    '\ufeff',
    '\u202e',
    '\u00ad',
    '\u034f',
    '\ufe0f',
    '\u115f',
    '\u3164',
    '\uffa0',
    '\u2800',
    '\u{e0020}',
    ' \u3164 \u200b\0',
  ]
  it.each(blank.map((text) => [JSON.stringify(text), text]))(
    '[M5] %s shows nothing and is refused',
    (_, text) => {
      expect(isBlank(text)).toBe(true)
      expect(Content.safeParse(text).success).toBe(false)
    },
  )

  it.each(['.', '0', '😀', '\u0301a', '👩‍👩‍👧', '\ufffd', 'ا', '한', '\ud83d', '🏴\u{e0067}\u{e007f}'])(
    '[M5] %j is not blank',
    (text) => {
      expect(isBlank(text)).toBe(false)
      expect(Content.safeParse(text).success).toBe(true)
    },
  )

  it.each(['\x01', '"', '\\', '\u2028', '\ufffd', '😀'])(
    '[M5] the longest content of %j fits a frame',
    (unit) => {
      const longestId = '😀'.repeat(limits.idLength / 2)
      const payload = clientEvents['chat:edit'].payload.parse({
        sessionId: longestId,
        messageId: longestId,
        content: firstCodePoints(`x${unit.repeat(most)}`, most),
        clientMessageId: longestId,
      })
      const frame = `42${CHAT_NAMESPACE},999999${JSON.stringify(['chat:edit', payload])}`
      expect(Buffer.byteLength(frame)).toBeLessThan(limits.frameBytes)
    },
  )
})

describe('cleanText', () => {
  it('[M5] leaves nothing that a database refuses or changes, and only that is gone', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const clean = cleanText(text)
        expect(clean).not.toContain('\0')
        expect(clean.isWellFormed()).toBe(true)
        expect(cleanText(clean)).toBe(clean)
        if (text.isWellFormed() && !text.includes('\0')) expect(clean).toBe(text)
      }),
    )
  })

  it('[M5] replaces each half of a pair and removes U+0000', () => {
    expect(cleanText('a\0b')).toBe('ab')
    expect(cleanText('a\ud83db\ude00')).toBe('a\ufffdb\ufffd')
    expect(cleanText('😀')).toBe('😀')
  })
})

describe('firstCodePoints', () => {
  it('[M5] case c2: keeps a prefix of at most so many code points and cuts no pair', () => {
    fc.assert(
      fc.property(anyText.map(cleanText), fc.nat({ max: 40 }), (text, max) => {
        const first = firstCodePoints(text, max)
        expect(text.startsWith(first)).toBe(true)
        expect(first.isWellFormed()).toBe(true)
        expect(codePointLength(first)).toBe(Math.min(max, codePointLength(text)))
      }),
    )
  })

  it('[M5] counts an emoji as one', () => {
    expect(firstCodePoints('😀😀x', 1)).toBe('😀')
    expect(firstCodePoints('😀😀x', 0)).toBe('')
    expect(firstCodePoints('😀😀', 2)).toBe('😀😀')
  })
})
