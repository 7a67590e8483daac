/** A value that changes, as React's `useSyncExternalStore` takes it. */
export interface Store<T> {
  /** The value now; the same object until it changes. */
  get(): T
  /** Calls `listener` after every change. Returns a function that ends it. */
  subscribe(listener: () => void): () => void
}

/** A store that its owner can set. */
export interface WritableStore<T> extends Store<T> {
  set(value: T): void
}

/** Makes a store. `get` and `subscribe` need no `this`, so they can be handed on as they are. */
export function createStore<T>(initial: T): WritableStore<T> {
  let current = initial
  const listeners = new Set<{ readonly call: () => void }>()
  return {
    get: () => current,
    subscribe: (call) => {
      const entry = { call }
      listeners.add(entry)
      return () => listeners.delete(entry)
    },
    set: (value) => {
      if (Object.is(value, current)) return
      current = value
      for (const listener of [...listeners]) callListener(listener.call)
    },
  }
}

/** Calls a listener of somebody else: what it throws surfaces, but not inside of the chat client. */
export function callListener(call: () => void): void {
  try {
    call()
  } catch (cause) {
    queueMicrotask(() => {
      throw cause
    })
  }
}
