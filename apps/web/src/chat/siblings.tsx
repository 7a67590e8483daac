import type { Message } from '@parley/protocol'
import { ChevronLeft, ChevronRight } from 'lucide-react'
import type { ReactNode } from 'react'

interface SiblingsProps {
  readonly message: Message
  /** Shows another version; absent while that cannot be asked for. */
  readonly onSelect?: ((messageId: string) => void) | undefined
}

/** Which of several versions of a message is shown, and a way to the others; nothing if it is the only one. */
export function Siblings({ message: { id, siblingIds }, onSelect }: SiblingsProps) {
  const at = siblingIds.indexOf(id)
  if (siblingIds.length < 2 || at < 0) return null
  const step = (by: number) => {
    const target = siblingIds[at + by]
    return target !== undefined && onSelect ? () => onSelect(target) : undefined
  }
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset is for a form.
    <span
      role="group"
      aria-label={`Version ${at + 1} of ${siblingIds.length}`}
      className="inline-flex items-center text-soft text-xs tabular-nums"
    >
      <Step label="Earlier version" onClick={step(-1)}>
        <ChevronLeft aria-hidden="true" className="size-3.5" />
      </Step>
      <span aria-hidden="true">
        {at + 1}/{siblingIds.length}
      </span>
      <Step label="Later version" onClick={step(1)}>
        <ChevronRight aria-hidden="true" className="size-3.5" />
      </Step>
    </span>
  )
}

/** Stays in reach of the keyboard where it leads nowhere, so that focus is not lost at the end. */
function Step({
  label,
  onClick,
  children,
}: {
  label: string
  onClick: (() => void) | undefined
  children: ReactNode
}) {
  return (
    <button
      type="button"
      aria-label={label}
      title={label}
      aria-disabled={!onClick}
      onClick={onClick}
      className="inline-flex size-7 items-center justify-center rounded-lg hover:bg-ink/8 hover:text-ink aria-disabled:cursor-default aria-disabled:opacity-35 aria-disabled:hover:bg-transparent"
    >
      {children}
    </button>
  )
}
