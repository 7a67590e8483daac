import type { Message } from '@parley/protocol'
import { CircleAlert, CircleStop, Scissors } from 'lucide-react'
import { Button } from '../ui/button.tsx'
import { endOf } from './reply-end.ts'

interface ReplyFooterProps {
  readonly message: Message
  /** Asks for the rest of a reply that was cut off. */
  readonly onGoOn?: ((text: string) => void) | undefined
  /** Has the same answered anew. */
  readonly onRegenerate?: (() => void) | undefined
}

/** Says how a reply ended if it did not simply end, and offers a way on. */
export function ReplyFooter({ message, onGoOn, onRegenerate }: ReplyFooterProps) {
  const end = endOf(message)
  if (!end) return null
  const Icon = end.isError ? CircleAlert : end.wayOn === 'continue' ? Scissors : CircleStop
  const colours = end.isError ? 'bg-danger-tint text-danger' : 'bg-ink/5 text-soft'
  return (
    <div
      className={`mt-2.5 flex flex-wrap items-center gap-x-3 gap-y-2 rounded-2xl px-3.5 py-2 text-sm ${colours}`}
    >
      <Icon aria-hidden="true" className="size-4 shrink-0" />
      <p className="min-w-0 flex-1 basis-40">{end.sentence}</p>
      {onRegenerate && end.wayOn === 'again' && <Button onClick={onRegenerate}>Try again</Button>}
      {onGoOn && end.wayOn === 'continue' && (
        <Button onClick={() => onGoOn('Please continue.')}>Continue</Button>
      )}
    </div>
  )
}
