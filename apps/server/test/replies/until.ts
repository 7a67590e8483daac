import { vi } from 'vitest'

/** Waits until something holds; fails after ten seconds. */
export function until(holds: () => boolean | Promise<boolean>): Promise<unknown> {
  return vi.waitUntil(holds, { timeout: 10_000, interval: 20 })
}
