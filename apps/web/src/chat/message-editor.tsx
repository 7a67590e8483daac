import { useEffect, useId, useRef, useState } from 'react'
import { Button } from '../ui/button.tsx'
import { sends, stops } from './composer-keys.ts'
import { checkText } from './text-length.ts'
import { useGrowing } from './use-growing.ts'

interface MessageEditorProps {
  /** What the editor begins with. */
  readonly text: string
  /** Why an earlier try was refused, in a sentence. */
  readonly problem: string | null
  readonly onSave: (text: string) => void
  readonly onCancel: () => void
}

/** Changes a message where it stands. Enter saves, Shift+Enter breaks the line, Escape leaves it as it was. */
export function MessageEditor({ text: given, problem, onSave, onCancel }: MessageEditorProps) {
  const [text, setText] = useState(given)
  const frame = useRef<HTMLFormElement>(null)
  const problemId = useId()
  const { canSend, left } = checkText(text)
  const isTooLong = left !== null && left < 0
  const save = () => {
    if (canSend) onSave(text)
  }
  useGrowing(frame, text)
  useEffect(() => {
    // One that came back refused does not take the keyboard from what is written meanwhile.
    const { activeElement, body } = document
    const field = frame.current?.querySelector('textarea')
    if (!field || (problem !== null && activeElement !== body)) return
    field.focus()
    field.setSelectionRange(field.value.length, field.value.length)
  }, [problem])
  return (
    <form
      ref={frame}
      aria-label="Edit the message"
      className="w-full max-w-[38rem] rounded-[1.35rem] rounded-br-md border border-accent bg-card p-2 shadow-card"
      onSubmit={(event) => {
        event.preventDefault()
        save()
      }}
    >
      <textarea
        aria-label="Your message"
        aria-describedby={problemId}
        aria-invalid={isTooLong || problem !== null}
        value={text}
        rows={1}
        dir="auto"
        onChange={(event) => setText(event.target.value)}
        onKeyDown={(event) => {
          const { key, keyCode, shiftKey, altKey } = event
          const press = { key, keyCode, shiftKey, altKey, isComposing: event.nativeEvent.isComposing }
          if (!sends(press) && !stops(press)) return
          event.preventDefault()
          event.stopPropagation()
          if (stops(press)) onCancel()
          else save()
        }}
        className="max-h-[38vh] min-h-10 w-full resize-none bg-transparent px-2.5 py-1.5 text-[1.03125rem] leading-relaxed outline-none"
      />
      <div className="flex flex-wrap items-center justify-end gap-2 pl-2.5">
        <p
          id={problemId}
          className={`min-w-0 flex-1 basis-32 text-sm ${isTooLong || problem ? 'text-danger' : 'text-soft text-xs'}`}
        >
          {isTooLong
            ? `${(-left).toLocaleString('en')} too many characters.`
            : (problem ?? 'This version stays; the new one gets a new reply.')}
        </p>
        <span className="flex shrink-0 gap-1">
          <Button shape="bare" onClick={onCancel}>
            Cancel
          </Button>
          <Button shape="solid" type="submit" disabled={!canSend}>
            Save
          </Button>
        </span>
      </div>
    </form>
  )
}
