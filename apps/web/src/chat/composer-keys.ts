/** What is read of a key press. */
export interface KeyPress {
  readonly key: string
  readonly keyCode: number
  readonly shiftKey: boolean
  readonly altKey: boolean
  readonly isComposing: boolean
}

/** While text is composed from several keys, a key means what the input method makes of it. */
function isComposed({ isComposing, keyCode }: KeyPress): boolean {
  // Safari ends the composition before the key that ends it; 229 is what gives that key away.
  return isComposing || keyCode === 229
}

/** Whether a key press sends what was written: Enter, unless it breaks the line or confirms a composition. */
export function sends(press: KeyPress): boolean {
  return press.key === 'Enter' && !press.shiftKey && !press.altKey && !isComposed(press)
}

/** Whether a key press stops the reply that is being written. */
export function stops(press: KeyPress): boolean {
  return press.key === 'Escape' && !isComposed(press)
}
