import { ambrose } from './ambrose.ts'
import { bruna } from './bruna.ts'
import type { BuiltInPersona } from './built-in.ts'
import { oriel } from './oriel.ts'
import { wren } from './wren.ts'

export type { BuiltInPersona } from './built-in.ts'
export { asVersion, versionId } from './version.ts'

/** The personas that come with Parley, in the order of the gallery. */
export const builtInPersonas: readonly BuiltInPersona[] = [wren, oriel, bruna, ambrose]
