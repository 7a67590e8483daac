import { useSyncExternalStore } from 'react'

/** A value that changes over time and tells when it does. */
export interface Readable<T> {
  get(): T
  subscribe(listener: () => void): () => void
}

/** The value of a store, now and after every change. */
export function useStore<T>(store: Readable<T>): T {
  return useSyncExternalStore(store.subscribe, store.get)
}

/**
 * A part of a store's value. Renders again only when that part is another one (`Object.is`), so
 * `select` must not make a new object each time.
 */
export function useSelected<T, Part>(store: Readable<T>, select: (value: T) => Part): Part {
  return useSyncExternalStore(store.subscribe, () => select(store.get()))
}
