import type { ChatError, PendingMessage } from '@parley/client'
import { errors } from '@parley/protocol'
import { CircleAlert, Clock } from 'lucide-react'
import { memo } from 'react'
import { Button } from '../ui/button.tsx'
import { CopyButton } from '../ui/copy-button.tsx'
import { useNow } from '../ui/now.ts'
import { span } from '../ui/time.ts'
import { Bubble } from './bubble.tsx'

interface SendingProps {
  /** Nothing that the person said stands right before it. */
  readonly startsGroup: boolean
  readonly entry: PendingMessage
  readonly isOnline: boolean
  /** Nothing can be sent to this conversation any more. */
  readonly isGone: boolean
  readonly onResend: (clientMessageId: string) => void
  readonly onEdit: (entry: PendingMessage) => void
  readonly onDiscard: (clientMessageId: string) => void
}

/** What the person said and the server has not confirmed yet, or has refused. */
export const Sending = memo(function Sending(props: SendingProps) {
  const { entry, startsGroup, isOnline } = props
  const { status } = entry
  return (
    <li className={`flex flex-col items-end ${startsGroup ? 'mt-7' : 'mt-5'}`} data-status={status}>
      <h3 className="sr-only">You</h3>
      <Bubble text={entry.content} isFaded={status !== 'failed'} isFailed={status === 'failed'} />
      {status === 'failed' ? (
        <Failed {...props} />
      ) : (
        <p
          className="rise mt-0.5 -mb-5 flex h-7 items-center gap-1.5 pr-1.5 text-soft text-xs tabular-nums"
          style={isOnline ? { animationDelay: '500ms' } : undefined}
        >
          <Clock aria-hidden="true" className="size-3" />
          <WaitingFor entry={entry} isOnline={isOnline} />
        </p>
      )}
    </li>
  )
})

function Failed({ entry, isGone, onResend, onEdit, onDiscard }: SendingProps) {
  const { clientMessageId, error, nextTryAt } = entry
  // What is refused for good is refused again as it is.
  const mayPass = error?.retryable ?? true
  return (
    <div className="mt-2 flex flex-col items-end gap-2">
      <p className="flex max-w-md items-start gap-2 text-danger text-sm">
        <CircleAlert aria-hidden="true" className="mt-0.5 size-4 shrink-0" />
        <span>
          <strong className="font-semibold">Not sent.</strong>{' '}
          {error && nextTryAt !== null ? <MayBeSent error={error} at={nextTryAt} /> : error?.message}
        </span>
      </p>
      <p className="flex flex-wrap items-center justify-end gap-2">
        {isGone && <CopyButton text={entry.content} label="Copy message" />}
        <Button shape="bare" onClick={() => onDiscard(clientMessageId)}>
          Discard
        </Button>
        {!isGone && (
          <Button shape={mayPass ? 'quiet' : 'solid'} onClick={() => onEdit(entry)}>
            Edit
          </Button>
        )}
        {!isGone && mayPass && (
          <Button shape="solid" onClick={() => onResend(clientMessageId)}>
            Send again
          </Button>
        )}
      </p>
    </div>
  )
}

function MayBeSent({ error, at }: { error: ChatError; at: number }) {
  const now = useNow(1_000)
  if (at <= now) return error.message
  // The time is said better than by the general sentence.
  const reason = error.message === errors.RATE_LIMITED.sentence ? 'That was too fast.' : error.message
  return `${reason} You can go on in ${span(at - now)}.`
}

function WaitingFor({ entry, isOnline }: { entry: PendingMessage; isOnline: boolean }) {
  const { status, error, nextTryAt } = entry
  if (!isOnline) return 'Will be sent when the connection is back'
  if (!error) return status === 'queued' ? 'Waiting for the message before' : 'Sending…'
  // Refused for now; the client sends it again by itself.
  if (error.code === 'BUSY') return 'Will be sent when there is room'
  if (error.code === 'RATE_LIMITED' && nextTryAt !== null) return <TooFast until={nextTryAt} />
  return 'Will be sent again in a moment'
}

function TooFast({ until }: { until: number }) {
  const now = useNow(1_000)
  return until > now ? `Too many at once: goes out in ${span(until - now)}` : 'Will be sent again in a moment'
}
