import { setTimeout as sleep } from 'node:timers/promises'

/** How often a condition is looked at, in milliseconds. */
const LOOK_MS = 20

/**
 * Waits until something is so.
 *
 * @throws {Error} naming it, when it is not so after `limitMs`.
 */
export async function until(
  what: string,
  condition: () => boolean | Promise<boolean>,
  limitMs = 60_000,
): Promise<void> {
  for (const end = performance.now() + limitMs; !(await condition()); ) {
    if (performance.now() > end) throw new Error(`not within ${limitMs / 1000} s: ${what}`)
    await sleep(LOOK_MS)
  }
}

/** The same for what is judged and not needed: null once it is so, else what was not within the limit. */
export async function soon(
  what: string,
  condition: () => boolean | Promise<boolean>,
  limitMs: number,
): Promise<string | null> {
  return until(what, condition, limitMs).then(
    () => null,
    (cause: unknown) => (cause instanceof Error ? cause.message : String(cause)),
  )
}
