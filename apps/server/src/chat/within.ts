import type { Clock } from './ports.ts'

/** What `work` gives, or null if that takes longer than `ms`; the work itself goes on. */
export function within<T>(clock: Clock, ms: number, work: Promise<T>): Promise<T | null> {
  let cancel = () => {}
  const late = new Promise<null>((resolve) => {
    cancel = clock.after(ms, () => resolve(null))
  })
  return Promise.race([work, late]).finally(() => cancel())
}
