import { useState } from 'react'
import { useNow } from './now.ts'

/** Says how long it still is: `in 12 s`, and `now` at the end. A new wait needs a new `key`. */
export function Countdown({ ms }: { ms: number }) {
  const [end] = useState(() => Date.now() + ms)
  const left = end - useNow(500)
  return <span className="tabular-nums">{left > 0 ? `in ${lengthOf(left)}` : 'now'}</span>
}

/** A length of time in its largest fitting unit, rounded up. */
function lengthOf(ms: number): string {
  const seconds = Math.ceil(ms / 1_000)
  if (seconds <= 90) return `${seconds} s`
  const minutes = Math.ceil(seconds / 60)
  return minutes <= 90 ? `${minutes} min` : `${Math.ceil(minutes / 60)} h`
}
