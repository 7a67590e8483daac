import type { ChatError } from '@parley/client'
import { Countdown } from '../ui/countdown.tsx'

/** Why something was refused, and from when on it is worth another try if the server said so. */
export function Refusal({ error }: { error: ChatError }) {
  const { message, code, retryAfterMs, requestId } = error
  if (code !== 'RATE_LIMITED' || retryAfterMs === undefined) return message
  return (
    <>
      {message} You can try again <Countdown key={requestId} ms={retryAfterMs} />.
    </>
  )
}
