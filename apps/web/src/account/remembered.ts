/** A text that outlives the page; where storage is blocked, it does not. */
export interface Remembered {
  read(): string | null
  write(text: string): void
  forget(): void
}

/**
 * Whose account this browser was signed in to last. As long as it is known, a login that was ended
 * elsewhere is told, and no guest takes the person's place, not even after a reload.
 */
export function rememberedAccount(storage: () => Storage): Remembered {
  return remembered(storage, 'parley.account')
}

/** The guest who left this tab to sign in elsewhere, and comes back as somebody. */
export function rememberedGuest(storage: () => Storage): Remembered {
  return remembered(storage, 'parley.leaving-guest')
}

function remembered(storage: () => Storage, key: string): Remembered {
  const quietly = <T>(work: () => T): T | null => {
    try {
      return work()
    } catch {
      return null
    }
  }
  return {
    read: () => quietly(() => storage().getItem(key)),
    write: (text) => void quietly(() => storage().setItem(key, text)),
    forget: () => void quietly(() => storage().removeItem(key)),
  }
}
