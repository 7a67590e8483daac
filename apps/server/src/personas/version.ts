import { createHash } from 'node:crypto'
import type { BuiltInPersona } from './built-in.ts'

/**
 * Names a version of a persona by its content: the slug, `@` and 12 hexadecimal digits. Equal
 * content gives an equal id in every process, whatever the order of an object's keys.
 */
export function versionId(persona: BuiltInPersona): string {
  const content = JSON.stringify([
    persona.name,
    persona.pitch,
    persona.greeting,
    persona.instructions,
    persona.picture,
    persona.script.answers.map((answer) => [answer.words, answer.text]),
    persona.script.otherwise,
  ])
  return `${persona.id}@${createHash('sha256').update(content).digest('hex').slice(0, 12)}`
}

/** A persona as the database keeps it: one version, named by its content. */
export function asVersion({ id: personaId, ...content }: BuiltInPersona) {
  return { ...content, personaId, id: versionId({ id: personaId, ...content }) }
}
