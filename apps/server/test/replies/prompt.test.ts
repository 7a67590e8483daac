import { codePointLength } from '@parley/protocol'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ChatFailure } from '../../src/chat/failure.ts'
import type { ContextMessage, PersonaVersion } from '../../src/chat/ports.ts'
import { buildPrompt, type Prompt } from '../../src/chat/prompt.ts'

const persona: PersonaVersion = {
  id: 'version-1',
  personaId: 'persona-1',
  name: 'Ada $& Co',
  pitch: 'A persona for tests.',
  greeting: 'Hello.',
  instructions: 'You are {{char}}, talking with {{user}}. {{Char}}!',
  script: { answers: [], otherwise: ['Hm.'] },
}
const instructions = 'You are Ada $& Co, talking with friend. Ada $& Co!'
const user = (content: string): ContextMessage => ({ sender: 'user', content })
const ai = (content: string): ContextMessage => ({ sender: 'ai', content })
const plenty = { messages: 10, codePoints: 10_000 }

const context = fc.array(
  fc.record({
    sender: fc.constantFrom<ContextMessage['sender']>('user', 'ai'),
    content: fc.string({ unit: 'grapheme', maxLength: 40 }),
  }),
  { maxLength: 20 },
)
const budget = fc.record({ messages: fc.integer({ min: 1, max: 12 }), codePoints: fc.nat({ max: 300 }) })

describe('[R1] a prompt, whatever was said and however small its budget', () => {
  const built = (said: readonly ContextMessage[], limits: typeof plenty): Prompt | null => {
    try {
      return buildPrompt(persona, null, said, limits)
    } catch (cause) {
      if (cause instanceof ChatFailure && cause.code === 'INVALID_PAYLOAD') return null
      throw cause
    }
  }

  it('instructions first and whole, order kept, roles alternate, budget held, newest last or refused', () => {
    fc.assert(
      fc.property(context, budget, (said, limits) => {
        const prompt = built(said, limits)
        const spoken = said.filter(({ content }) => content !== '')
        const newest = spoken.at(-1)
        const least = codePointLength(instructions) + codePointLength(newest?.content ?? '')
        if (prompt === null) {
          expect(least).toBeGreaterThan(limits.codePoints)
          return
        }
        const [system, ...rest] = prompt.messages
        expect(system).toEqual({ role: 'system', content: instructions })
        expect(rest.every(({ role }, index) => role !== rest[index - 1]?.role)).toBe(true)
        expect(rest.some(({ role }) => role === 'system')).toBe(false)
        const kept = spoken.slice(spoken.length - prompt.trace.included)
        expect(rest.map(({ content }) => content).join('\n\n')).toBe(
          kept.map(({ content }) => content).join('\n\n'),
        )
        if (newest) {
          expect(kept.length).toBeGreaterThan(0)
          const total = prompt.messages.reduce((sum, { content }) => sum + codePointLength(content), 0)
          expect(total).toBeLessThanOrEqual(limits.codePoints)
          expect(prompt.trace.codePoints).toBe(total)
        }
      }),
      { numRuns: 500 },
    )
  })

  it('the trace names every message that is not in it, once, and why', () => {
    fc.assert(
      fc.property(context, budget, (said, limits) => {
        const prompt = built(said, limits)
        if (prompt === null) return
        const spoken = said.flatMap(({ content }, index) => (content === '' ? [] : [index]))
        const { trimmed, included } = prompt.trace
        expect(trimmed.map(({ index }) => index)).toEqual(spoken.slice(0, spoken.length - included))
        const beyond = Math.max(0, spoken.length - limits.messages)
        expect(trimmed.filter(({ reason }) => reason === 'messages')).toHaveLength(beyond)
      }),
      { numRuns: 300 },
    )
  })
})

describe('[R1] a prompt', () => {
  it('calls the persona and the person by their names, once and literally', () => {
    const [system] = buildPrompt(persona, 'Kim {{char}}', [user('I am {{user}}')], plenty).messages
    expect(system?.content).toBe('You are Ada $& Co, talking with Kim {{char}}. Ada $& Co!')
    expect(buildPrompt(persona, null, [user('I am {{user}}')], plenty).messages[1]?.content).toBe(
      'I am {{user}}',
    )
  })

  it('case h1: neighbours of one role are merged and empty messages dropped', () => {
    const said = [ai('Hello.'), user('One'), ai(''), user('Two'), ai('Half an'), ai(''), user('Three')]
    expect(buildPrompt(persona, null, said, plenty).messages.slice(1)).toEqual([
      { role: 'assistant', content: 'Hello.' },
      { role: 'user', content: 'One\n\nTwo' },
      { role: 'assistant', content: 'Half an' },
      { role: 'user', content: 'Three' },
    ])
  })

  it('case h2: a paste two turns back goes, what is newer stays', () => {
    const paste = 'x'.repeat(20_000)
    const said = [ai('Hello.'), user(paste), ai('Long!'), user('Yes'), ai('Well.'), user('So?')]
    const { messages, trace } = buildPrompt(persona, null, said, { messages: 10, codePoints: 20_040 })
    expect(messages.map(({ content }) => content)).toEqual([instructions, 'Long!', 'Yes', 'Well.', 'So?'])
    expect(trace.trimmed).toEqual([
      { index: 0, reason: 'budget' },
      { index: 1, reason: 'budget' },
    ])
  })

  it('what merging adds counts against the budget', () => {
    const room = codePointLength(instructions) + 'One'.length + 'Two'.length
    const said = [user('One'), user('Two')]
    const tight = buildPrompt(persona, null, said, { messages: 10, codePoints: room + 1 })
    expect(tight.messages[1]?.content).toBe('Two')
    const enough = buildPrompt(persona, null, said, { messages: 10, codePoints: room + 2 })
    expect(enough.messages[1]?.content).toBe('One\n\nTwo')
  })
})
