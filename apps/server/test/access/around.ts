/** The same object, but `before` runs, and is waited for, before each of its methods. */
export function around<T extends object>(target: T, before: (method: string) => Promise<void> | void): T {
  return new Proxy(target, {
    get(object, name) {
      const value: unknown = Reflect.get(object, name)
      if (typeof value !== 'function') return value
      return async (...args: unknown[]) => {
        await before(String(name))
        return Reflect.apply(value, object, args)
      }
    },
  })
}

/** A door that can be shut: who comes while it is shut waits until it is opened. */
export class Gate {
  #opened: Promise<void> = Promise.resolve()
  #open = () => {}

  shut(): void {
    this.#opened = new Promise((resolve) => {
      this.#open = resolve
    })
  }

  open(): void {
    this.#open()
  }

  pass(): Promise<void> {
    return this.#opened
  }
}
