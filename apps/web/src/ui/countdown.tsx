import { useState } from 'react'
import { useNow } from './now.ts'
import { span } from './time.ts'

/** Says how long it still is: `in 12 s`, and `now` at the end. A new wait needs a new `key`. */
export function Countdown({ ms }: { ms: number }) {
  const [end] = useState(() => Date.now() + ms)
  const left = end - useNow(500)
  return <span className="tabular-nums">{left > 0 ? `in ${span(left)}` : 'now'}</span>
}
