/** A wait that can be ended before its time; one at a time. */
export class Pause {
  #endNow: (() => void) | null = null

  /** Waits for `ms`, or without it until `end`. */
  async last(ms?: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = ms === undefined ? undefined : setTimeout(resolve, ms)
      this.#endNow = () => {
        clearTimeout(timer)
        resolve()
      }
    })
    this.#endNow = null
  }

  /** Ends the wait, if there is one. */
  end(): void {
    this.#endNow?.()
  }
}
