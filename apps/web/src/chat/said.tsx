import type { PendingMessage } from '@parley/client'
import type { Message } from '@parley/protocol'
import { CircleAlert, Clock, Pencil } from 'lucide-react'
import { memo, type ReactNode, useRef, useState } from 'react'
import { Button } from '../ui/button.tsx'
import { CopyButton } from '../ui/copy-button.tsx'
import { Countdown } from '../ui/countdown.tsx'
import { MessageEditor } from './message-editor.tsx'
import { Refusal } from './refusal.tsx'
import { SentAt } from './sent-at.tsx'
import { Siblings } from './siblings.tsx'

interface SaidProps {
  readonly message: Message
  readonly startsGroup: boolean
  /** An edit of this message that was not accepted. */
  readonly refused?: PendingMessage | undefined
  /** Says something else in its place; `refused` is what was tried before. */
  readonly onChange: (messageId: string, text: string, refused?: PendingMessage) => void
  readonly onDiscard: (clientMessageId: string) => void
  readonly onSelect?: ((messageId: string) => void) | undefined
}

/** What the person said. */
export const Said = memo(function Said(props: SaidProps) {
  const { message, startsGroup, refused, onChange, onDiscard, onSelect } = props
  const [editedId, setEditedId] = useState<string | null>(null)
  const pencil = useRef<HTMLButtonElement>(null)
  const isEdited = editedId === message.id || refused !== undefined
  const close = () => {
    setEditedId(null)
    // The button is there again once this has been drawn.
    requestAnimationFrame(() => pencil.current?.focus())
  }
  const save = (text: string) => {
    if (!refused && text === message.content) return close()
    setEditedId(null)
    onChange(message.id, text, refused)
  }
  const cancel = () => {
    if (refused) onDiscard(refused.clientMessageId)
    close()
  }
  return (
    <li className={`row flex flex-col items-end ${startsGroup ? 'mt-7' : 'mt-2'}`} data-id={message.id}>
      <h3 className="sr-only">You</h3>
      {isEdited ? (
        <MessageEditor
          key={refused?.clientMessageId ?? message.id}
          text={refused?.content ?? message.content}
          problem={refused ? (refused.error?.message ?? null) : null}
          onSave={save}
          onCancel={cancel}
        />
      ) : (
        <Bubble text={message.content} />
      )}
      <span className="mt-0.5 -mb-5 flex h-7 items-center gap-1 pr-1.5">
        {!isEdited && <SentAt instant={message.createdAt} />}
        {!isEdited && (
          <span className="on-hover flex">
            {message.parentId !== null && (
              <button
                ref={pencil}
                type="button"
                aria-label="Edit message"
                title="Edit message"
                onClick={() => setEditedId(message.id)}
                className="inline-flex size-7 items-center justify-center rounded-lg text-soft hover:bg-ink/8 hover:text-ink"
              >
                <Pencil className="size-3.5" aria-hidden="true" />
              </button>
            )}
            <span className="[@media(hover:none)]:hidden">
              <CopyButton text={message.content} label="Copy message" />
            </span>
          </span>
        )}
        <Siblings message={message} onSelect={onSelect} />
      </span>
    </li>
  )
})

interface SendingProps {
  /** Nothing that the person said stands right before it. */
  readonly startsGroup: boolean
  readonly entry: PendingMessage
  readonly isOnline: boolean
  readonly onResend: (clientMessageId: string) => void
  readonly onEdit: (entry: PendingMessage) => void
  readonly onDiscard: (clientMessageId: string) => void
}

/** What the person said and the server has not confirmed yet, or has refused. */
export const Sending = memo(function Sending(props: SendingProps) {
  const { entry, startsGroup, isOnline, onResend, onEdit, onDiscard } = props
  const { clientMessageId, status, error } = entry
  return (
    <li className={`flex flex-col items-end ${startsGroup ? 'mt-7' : 'mt-3'}`} data-status={status}>
      <h3 className="sr-only">You</h3>
      <Bubble text={entry.content} isFaded={status !== 'failed'} isFailed={status === 'failed'} />
      {status === 'failed' ? (
        <div className="mt-2 flex flex-col items-end gap-2">
          <p className="flex max-w-md items-start gap-2 text-danger text-sm">
            <CircleAlert aria-hidden="true" className="mt-0.5 size-4 shrink-0" />
            <span>
              <strong className="font-semibold">Not sent.</strong> {error && <Refusal error={error} />}
            </span>
          </p>
          <p className="flex flex-wrap justify-end gap-2">
            <Button shape="bare" onClick={() => onDiscard(clientMessageId)}>
              Discard
            </Button>
            <Button onClick={() => onEdit(entry)}>Edit</Button>
            <Button shape="solid" onClick={() => onResend(clientMessageId)}>
              Send again
            </Button>
          </p>
        </div>
      ) : (
        <p
          className="rise mt-0.5 -mb-5 flex h-7 items-center gap-1.5 pr-1.5 text-soft text-xs"
          style={isOnline ? { animationDelay: '500ms' } : undefined}
        >
          <Clock aria-hidden="true" className="size-3" />
          <span>{waitingFor(entry, isOnline)}</span>
        </p>
      )}
    </li>
  )
})

function waitingFor({ status, error }: PendingMessage, isOnline: boolean): ReactNode {
  if (!isOnline) return 'Will be sent when the connection is back'
  // Refused for now; the client sends it again by itself.
  if (error?.code === 'RATE_LIMITED' && error.retryAfterMs !== undefined) {
    return (
      <>
        That was fast. Will be sent <Countdown key={error.requestId} ms={error.retryAfterMs} />
      </>
    )
  }
  if (error)
    return error.code === 'BUSY' ? 'Will be sent when there is room' : 'Will be sent again in a moment'
  return status === 'queued' ? 'Waiting for the message before' : 'Sending…'
}

function Bubble({
  text,
  isFaded = false,
  isFailed = false,
}: {
  text: string
  isFaded?: boolean
  isFailed?: boolean
}) {
  const border = isFailed ? 'border-danger border-dashed' : 'border-transparent'
  return (
    <p
      dir="auto"
      className={`max-w-[min(34rem,88%)] whitespace-pre-wrap rounded-[1.35rem] rounded-br-md border bg-tint px-4 py-2.5 text-[1.03125rem] leading-relaxed ${border} ${isFaded ? 'opacity-70' : ''}`}
    >
      {text}
    </p>
  )
}
