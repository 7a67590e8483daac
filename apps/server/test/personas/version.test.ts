import { Id } from '@parley/protocol'
import { describe, expect, it } from 'vitest'
import { type BuiltInPersona, builtInPersonas, versionId } from '../../src/personas/index.ts'

const persona: BuiltInPersona = {
  id: 'ada',
  name: 'Ada',
  pitch: 'Counts.',
  greeting: 'Hello?',
  instructions: 'You are {{char}}.',
  picture: '<svg xmlns="http://www.w3.org/2000/svg"/>',
  script: { answers: [{ words: ['hello', 'hi'], text: 'Hello.' }], otherwise: ['Go on.', 'Indeed.'] },
}

const { script } = persona

const changed: Record<Exclude<keyof BuiltInPersona, 'id'>, readonly BuiltInPersona[]> = {
  name: [{ ...persona, name: 'Ida' }],
  pitch: [{ ...persona, pitch: 'Counts well.' }],
  greeting: [{ ...persona, greeting: 'Hello!' }],
  instructions: [{ ...persona, instructions: 'You are {{char}}!' }],
  picture: [{ ...persona, picture: '<svg xmlns="http://www.w3.org/2000/svg"></svg>' }],
  script: [
    { ...persona, script: { ...script, answers: [{ words: ['hello'], text: 'Hello.' }] } },
    { ...persona, script: { ...script, answers: [{ words: ['hello', 'hi'], text: 'Hi.' }] } },
    { ...persona, script: { ...script, answers: [] } },
    { ...persona, script: { ...script, otherwise: ['Go on.'] } },
    { ...persona, script: { ...script, otherwise: ['Indeed.', 'Go on.'] } },
  ],
}

describe('the id of a version', () => {
  it('is an id of the contract: the slug, @ and twelve hexadecimal digits', () => {
    for (const one of builtInPersonas) {
      expect(Id.parse(versionId(one))).toMatch(new RegExp(`^${one.id}@[0-9a-f]{12}$`))
    }
  })

  it('stays when nothing changed, whatever the order of the fields', () => {
    const copy: BuiltInPersona = {
      script: { otherwise: [...script.otherwise], answers: structuredClone(script.answers) },
      picture: persona.picture,
      instructions: persona.instructions,
      greeting: persona.greeting,
      pitch: persona.pitch,
      name: persona.name,
      id: persona.id,
    }
    expect(versionId(copy)).toBe(versionId(persona))
  })

  it.each(Object.entries(changed))('changes with the %s', (_field, variants) => {
    const ids = new Set([persona, ...variants].map(versionId))
    expect(ids.size).toBe(variants.length + 1)
  })

  it('does not confuse text that moved from one field to its neighbour', () => {
    expect(versionId({ ...persona, pitch: 'Hello?', greeting: 'Counts.' })).not.toBe(versionId(persona))
  })
})
