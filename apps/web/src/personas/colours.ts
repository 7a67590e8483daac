import type { CSSProperties } from 'react'

/** Hue (degrees) and chroma of the personas whose pictures we know. */
const known: Readonly<Record<string, readonly [hue: number, chroma: number]>> = {
  wren: [201, 0.105],
  oriel: [283, 0.16],
  bruna: [30, 0.165],
  ambrose: [78, 0.125],
}

/**
 * The colours of a persona's world, for an element of class `accented`. Somebody unknown gets a hue
 * that is made of the id, and so is always the same.
 */
export function coloursOf(personaId: string): CSSProperties {
  const [hue, chroma] = Object.hasOwn(known, personaId)
    ? (known[personaId] ?? derived(personaId))
    : derived(personaId)
  return { '--hue': hue, '--chroma': chroma }
}

function derived(id: string): readonly [number, number] {
  let hash = 0
  for (const point of id) hash = (hash * 31 + (point.codePointAt(0) ?? 0)) % 360
  return [hash, 0.12]
}
