import { useSyncExternalStore } from 'react'

/** Which colours the page is shown in. */
export type Theme = 'system' | 'light' | 'dark'

/** Read by `theme.js` too, before the first frame. */
const KEY = 'parley.theme'

const listeners = new Set<() => void>()

/** The chosen theme and how to choose another one; remembered, and the same in all tabs. */
export function useTheme(): readonly [Theme, (theme: Theme) => void] {
  return [useSyncExternalStore(subscribe, current), choose]
}

/** Narrows a text to a theme; anything unknown is `system`. */
export function toTheme(text: unknown): Theme {
  return text === 'light' || text === 'dark' ? text : 'system'
}

function current(): Theme {
  return toTheme(document.documentElement.dataset.theme)
}

function choose(theme: Theme): void {
  show(theme)
  try {
    if (theme === 'system') localStorage.removeItem(KEY)
    else localStorage.setItem(KEY, theme)
  } catch {
    // Storage is blocked: the choice holds until the page is closed.
  }
}

function show(theme: Theme): void {
  const { dataset } = document.documentElement
  if (theme === 'system') delete dataset.theme
  else dataset.theme = theme
  for (const listener of listeners) listener()
}

function subscribe(listener: () => void): () => void {
  const onStorage = (event: StorageEvent) => {
    if (event.key === KEY) show(toTheme(event.newValue))
  }
  listeners.add(listener)
  window.addEventListener('storage', onStorage)
  return () => {
    listeners.delete(listener)
    window.removeEventListener('storage', onStorage)
  }
}
