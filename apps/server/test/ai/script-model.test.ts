import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createScriptModel, pickLine } from '../../src/ai/script-model.ts'
import type { Clock, PromptMessage } from '../../src/chat/ports.ts'
import { listenTo, personaWith } from './parts.ts'

const persona = personaWith({
  answers: [
    { words: ['hello', 'good day'], text: 'Hello yourself.' },
    { words: ['été', 'C++'], text: 'Summer.' },
  ],
  otherwise: ['First.', 'Second.', 'Third.'],
})

/** Time that passes as soon as somebody waits for it. */
const hurriedClock: Clock = {
  now: () => 0,
  after(_, callback) {
    const timer = setImmediate(callback)
    return () => clearImmediate(timer)
  },
}

/** A conversation in turns, the person's first. */
function conversation(...contents: string[]) {
  const messages = contents.map(
    (content, i): PromptMessage => ({ role: i % 2 === 0 ? 'user' : 'assistant', content }),
  )
  return { persona, messages }
}

describe('which line a persona says', () => {
  it.each([
    ['Hello!', 'Hello yourself.'],
    ['I say HELLO to you', 'Hello yourself.'],
    ['A good day to you', 'Hello yourself.'],
    ['Othello', 'First.'],
    ['hello_world', 'First.'],
    ['en ÉTÉ', 'Summer.'],
    ['en e\u0301te\u0301', 'Summer.'],
    ['étéé', 'First.'],
    ['Do you know C++?', 'Summer.'],
    ['', 'First.'],
  ])('%j is answered by %j', (question, line) => {
    expect(pickLine(conversation(question))).toBe(line)
  })

  it('only the newest message counts', () => {
    expect(pickLine(conversation('hello', 'Hello yourself.', 'What now?'))).toBe('First.')
  })

  it('lines without a cue come in turn, past other answers and stopped replies', () => {
    expect(pickLine(conversation('a', 'First.', 'b'))).toBe('Second.')
    expect(pickLine(conversation('a', 'First.', 'hello', 'Hello yourself.', 'b'))).toBe('Second.')
    expect(pickLine(conversation('a', 'Sec', 'b'))).toBe('Third.')
    expect(pickLine(conversation('a', 'Third.', 'b'))).toBe('First.')
  })

  it('[R1] the turn goes on when the prompt holds no more than the newest messages', () => {
    const said: string[] = []
    for (let i = 0; i < 9; i++) {
      const window = said.slice(-2).flatMap((line, j) => [`question ${j}`, line])
      said.push(pickLine(conversation(...window, 'and now?')))
    }
    expect(said).toEqual([
      ...persona.script.otherwise,
      ...persona.script.otherwise,
      ...persona.script.otherwise,
    ])
  })
})

describe('how it is said', () => {
  it('[R2] in pieces that make up the line exactly, with a plain end and no usage', async () => {
    const model = createScriptModel({ clock: hurriedClock })
    expect(model.demo).toBe(true)
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'grapheme' }), async (line) => {
        const script = personaWith({ answers: [], otherwise: [line] })
        const reply = await listenTo(model, { persona: script, messages: [{ role: 'user', content: 'x' }] })
        expect(reply.text).toBe(line)
        expect(reply.end).toEqual({ type: 'end', reason: 'stop', usage: null })
      }),
    )
  })

  it('word by word, at 25 to 40 words a second', async () => {
    const waits: number[] = []
    const clock: Clock = {
      now: () => 0,
      after: (ms, callback) => {
        waits.push(ms)
        return hurriedClock.after(ms, callback)
      },
    }
    const script = personaWith({ answers: [], otherwise: ['One two\n\nthree four.'] })
    const reply = await listenTo(createScriptModel({ clock }), { persona: script, messages: [] })
    expect(reply.pieces).toEqual(['One ', 'two\n\n', 'three ', 'four.'])
    expect(waits).toHaveLength(4)
    for (const ms of waits) expect(1000 / ms).toSatisfy((rate: number) => rate >= 25 && rate <= 40)
  })

  it('[R6] an abort ends it where it is, without an end, also in the middle of a wait', async () => {
    const stop = new AbortController()
    const clock: Clock = { now: () => 0, after: (ms, callback) => hurriedClock.after(ms, callback) }
    const model = createScriptModel({ clock })
    const script = personaWith({ answers: [], otherwise: ['One two three four.'] })
    const reply = await listenTo(model, { persona: script, messages: [] }, stop.signal, (text) => {
      if (text === 'One two ') setImmediate(() => stop.abort())
      if (text === 'One two ') clock.after = () => () => {}
    })
    expect(reply).toMatchObject({ text: 'One two ', end: null, fault: null })
  })
})
