import type { ConnectionState } from '@parley/client'
import { limits } from '@parley/protocol'
import { CloudOff, LoaderCircle, RefreshCw } from 'lucide-react'
import type { ReactNode } from 'react'
import { Button } from '../ui/button.tsx'
import { useNow } from '../ui/now.ts'

interface ConnectionNoticeProps {
  readonly connection: ConnectionState
  readonly onRetry: () => void
  readonly onReload: () => void
}

/** Says when there is no connection, what happens about it, and offers what a person can do [C4, C3]. */
export function ConnectionNotice({ connection, onRetry, onReload }: ConnectionNoticeProps) {
  const { status, error } = connection
  if (status === 'connecting') {
    return <Strip icon={<Spinner />} isLate text="Connecting…" />
  }
  if (status === 'reconnecting') {
    return (
      <Strip icon={<Spinner />} text={<Reconnecting connection={connection} />}>
        {connection.nextAttemptAt !== null && <Button onClick={onRetry}>Try now</Button>}
      </Strip>
    )
  }
  if (status === 'offline') {
    // The words stay the same while an attempt is made, so that a screen reader says them once.
    const text =
      'There is no connection to the server. What you write is kept, and this page goes on trying by itself.'
    const isTrying = connection.nextAttemptAt === null
    const icon = isTrying ? <Spinner /> : <CloudOff aria-hidden="true" className="size-4.5 shrink-0" />
    return (
      <Strip isUrgent icon={icon} text={text}>
        <Button shape="solid" onClick={onRetry}>
          Try again
        </Button>
      </Strip>
    )
  }
  if (status === 'mismatch') {
    return (
      <Strip
        isUrgent
        icon={<RefreshCw aria-hidden="true" className="size-4.5 shrink-0" />}
        text={`${error?.message ?? 'Reload the page.'} What you have written stays.`}
      >
        <Button shape="solid" onClick={onReload}>
          Reload
        </Button>
      </Strip>
    )
  }
  return null
}

function Reconnecting({ connection }: { connection: ConnectionState }) {
  const now = useNow(500)
  const { attempt, nextAttemptAt } = connection
  const counted = attempt > 0 ? `, attempt ${attempt} of ${limits.reconnectAttempts}` : ''
  const seconds = nextAttemptAt === null ? 0 : Math.ceil(Math.max(0, nextAttemptAt - now) / 1000)
  return (
    <>
      Connection lost.{' '}
      <span aria-hidden="true">
        {seconds > 0 ? `Next try in ${seconds} s` : 'Trying'}
        {counted}…
      </span>
      <span className="sr-only">It is tried again by itself.</span>
    </>
  )
}

interface StripProps {
  readonly icon: ReactNode
  readonly text: ReactNode
  /** Something the person has to do; else it passes by itself. */
  readonly isUrgent?: boolean
  /** Seen only if it lasts. */
  readonly isLate?: boolean
  readonly children?: ReactNode
}

function Strip({ icon, text, isUrgent = false, isLate = false, children }: StripProps) {
  const colours = isUrgent ? 'bg-danger-tint text-danger' : 'bg-notice-tint text-notice'
  return (
    <div
      role={isUrgent ? 'alert' : 'status'}
      className={`rise flex min-h-13 items-center gap-3 px-4 py-2 text-sm sm:justify-center ${colours}`}
      style={isLate ? { animationDelay: '1.2s' } : undefined}
    >
      {icon}
      <p className="min-w-0 max-w-2xl flex-1 sm:flex-none">{text}</p>
      {children && <span className="shrink-0">{children}</span>}
    </div>
  )
}

function Spinner() {
  return <LoaderCircle aria-hidden="true" className="size-4.5 shrink-0 animate-spin" />
}
