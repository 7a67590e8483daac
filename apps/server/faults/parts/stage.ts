/** Everything that an experiment started. It ends in the opposite order. */
export class Stage {
  readonly #endings: (() => Promise<void> | void)[] = []

  /** Has something ended with the experiment. */
  add<T>(part: T, end: (part: T) => Promise<void> | void): T {
    this.#endings.push(() => end(part))
    return part
  }

  /** Ends all of it; a part that does not end in order keeps no other one running. */
  async end(): Promise<void> {
    for (const ending of this.#endings.splice(0).reverse()) {
      await Promise.resolve(ending()).catch((cause: unknown) => console.error('a part did not end', cause))
    }
  }
}
