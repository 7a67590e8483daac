import { Content, cleanText, codePointLength, isBlank, limits, Persona } from '@parley/protocol'
import { englishDataset, englishRecommendedTransformers, RegExpMatcher } from 'obscenity'
import { describe, expect, it } from 'vitest'
import { type BuiltInPersona, builtInPersonas, versionId } from '../../src/personas/index.ts'

const words = (text: string) => text.split(/\s+/).filter((word) => /\p{L}/u.test(word)).length

const linesOf = ({ script }: BuiltInPersona) => [
  ...script.answers.map((answer) => answer.text),
  ...script.otherwise,
]

const textsOf = (persona: BuiltInPersona) => [
  persona.name,
  persona.pitch,
  persona.greeting,
  persona.instructions,
  ...linesOf(persona),
]

describe('the built-in personas', () => {
  it('are four, with ids and names of their own', () => {
    expect(builtInPersonas).toHaveLength(4)
    for (const field of ['id', 'name', 'pitch', 'greeting', 'instructions'] as const) {
      expect(new Set(builtInPersonas.map((persona) => persona[field])).size).toBe(4)
    }
  })
})

describe.each(builtInPersonas)('$name', (persona) => {
  const { id, name, pitch, greeting, instructions, script } = persona

  it('[C1] is a persona of the contract once it has an address for its picture', () => {
    const shown = { id, name, pitch, greeting, picture: `/${id}.svg`, versionId: versionId(persona) }
    expect(Persona.parse(shown)).toEqual(shown)
    expect(id).toMatch(/^[a-z][a-z0-9-]*$/)
  })

  it('[M5] says nothing blank, unclean or too long to be stored', () => {
    for (const text of textsOf(persona)) {
      expect(isBlank(text)).toBe(false)
      expect(cleanText(text)).toBe(text)
      expect(text.trim()).toBe(text)
    }
    for (const line of [greeting, ...linesOf(persona)]) expect(Content.parse(line)).toBe(line)
    expect(codePointLength(name)).toBeLessThanOrEqual(limits.titleCodePoints)
  })

  it('has a pitch of one line and a greeting that invites an answer', () => {
    expect(pitch).not.toContain('\n')
    expect(codePointLength(pitch)).toBeLessThanOrEqual(110)
    expect(greeting).toMatch(/\?|[Tt]ell me/)
  })

  it('[R1] has instructions of 150 to 300 words that use no other names than {{char}} and {{user}}', () => {
    expect(words(instructions)).toBeGreaterThanOrEqual(150)
    expect(words(instructions)).toBeLessThanOrEqual(300)
    const placeholders = new Set(instructions.match(/\{\{.*?\}\}/g))
    expect(placeholders).toEqual(new Set(['{{char}}', '{{user}}']))
  })

  it('shows no placeholder to the person', () => {
    for (const text of [name, pitch, greeting, ...linesOf(persona)]) expect(text).not.toMatch(/\{\{|\}\}/)
  })

  it('answers to single lower-case words, each of them once', () => {
    const all = script.answers.flatMap((answer) => answer.words)
    for (const word of all) expect(word).toMatch(/^[\p{Ll}\p{N}]+$/u)
    expect(new Set(all).size).toBe(all.length)
    for (const answer of script.answers) expect(answer.words.length).toBeGreaterThan(0)
  })

  it('knows a greeting, thanks, goodbye, a call for help, who it is and that it is a demo', () => {
    const all = new Set(script.answers.flatMap((answer) => answer.words))
    for (const word of ['hello', 'hi', 'thanks', 'bye', 'help', 'who', 'demo', 'ai'])
      expect(all).toContain(word)
    expect(script.answers.find(({ words }) => words.includes('demo'))?.text).toMatch(
      /no language model is connected/i,
    )
  })

  it('has lines enough that talk does not go in a circle, one long enough to be stopped', () => {
    expect(script.answers.length).toBeGreaterThanOrEqual(6)
    expect(script.otherwise.length).toBeGreaterThanOrEqual(5)
    expect(new Set(linesOf(persona)).size).toBe(linesOf(persona).length)
    expect(Math.max(...script.answers.map((answer) => words(answer.text)))).toBeGreaterThanOrEqual(150)
  })

  it('closes every code block and every emphasis that it opens', () => {
    for (const text of [greeting, ...linesOf(persona)]) {
      for (const mark of ['```', '**']) expect((text.split(mark).length - 1) % 2).toBe(0)
    }
  })

  it('says nothing that the word list would block', () => {
    const matcher = new RegExpMatcher({ ...englishDataset.build(), ...englishRecommendedTransformers })
    for (const text of textsOf(persona)) {
      expect(matcher.getAllMatches(text).map((m) => text.slice(m.startIndex, m.endIndex + 1))).toEqual([])
    }
  })
})
