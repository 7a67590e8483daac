import type { Root } from 'hast'
import { common, createLowlight } from 'lowlight'

/** Loaded only when there is code to colour: `import()` it. */
const lowlight = createLowlight(common)

/** The code with its parts named by class; null for a language that is not known. */
export function highlight(code: string, language: string): Root | null {
  return lowlight.registered(language) ? lowlight.highlight(language, code) : null
}
