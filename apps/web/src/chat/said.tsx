import type { PendingMessage } from '@parley/client'
import type { Message } from '@parley/protocol'
import { Pencil } from 'lucide-react'
import { memo, useRef, useState } from 'react'
import { CopyButton } from '../ui/copy-button.tsx'
import { Bubble } from './bubble.tsx'
import { MessageEditor } from './message-editor.tsx'
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
