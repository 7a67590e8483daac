import { type Persona, picturePath } from '@parley/protocol'
import type { PersonaVersion } from './ports.ts'

/** What everybody may know of a persona: never its instructions or its script. */
export function publicPersona(version: PersonaVersion): Persona {
  const { id, personaId, name, pitch, greeting } = version
  return {
    id: personaId,
    name,
    pitch,
    greeting: resolveNames(greeting, { char: name, user: DEFAULT_USER }),
    picture: picturePath(personaId, id),
    versionId: id,
  }
}

/** How a persona calls a person who has not said a name. */
export const DEFAULT_USER = 'friend'

/** Puts names in the place of `{{char}}` and `{{user}}`; done once, when a text is made. */
export function resolveNames(text: string, names: { char: string; user: string }): string {
  return text.replace(/\{\{(char|user)\}\}/gi, (_, name: string) =>
    name.toLowerCase() === 'char' ? names.char : names.user,
  )
}
