import { ArrowUp, Square } from 'lucide-react'
import { type ReactNode, type Ref, useRef } from 'react'
import { sends, stops } from './composer-keys.ts'
import { checkText } from './text-length.ts'
import { useGrowing } from './use-growing.ts'

interface ComposerProps {
  readonly text: string
  readonly onText: (text: string) => void
  /** Called with a text that may be sent. */
  readonly onSend: (text: string) => void
  /** Ends the reply that is being written; absent while there is none. */
  readonly onStop?: (() => void) | undefined
  /** Who is spoken to. */
  readonly name: string
  /** Why the last thing was refused, in a sentence or two; null: it was not. */
  readonly problem: ReactNode
  readonly inputRef: Ref<HTMLTextAreaElement>
}

/** Where the person writes. Enter sends, Shift+Enter breaks the line. */
export function Composer({ text, onText, onSend, onStop, name, problem, inputRef }: ComposerProps) {
  const frame = useRef<HTMLFormElement>(null)
  const { canSend, left } = checkText(text)
  const isTooLong = left !== null && left < 0
  const send = () => {
    if (canSend) onSend(text)
  }
  useGrowing(frame, text)
  return (
    <form
      ref={frame}
      aria-label="Write a message"
      onSubmit={(event) => {
        event.preventDefault()
        send()
      }}
    >
      <Problem problem={isTooLong ? tooLong(-left) : problem} />
      <div className="flex items-end gap-1 rounded-[1.7rem] border border-line bg-card p-1.5 shadow-card transition focus-within:border-accent">
        <label htmlFor="composer" className="sr-only">
          Message to {name}
        </label>
        <textarea
          id="composer"
          ref={inputRef}
          value={text}
          rows={1}
          dir="auto"
          enterKeyHint="send"
          placeholder="Say something…"
          aria-invalid={isTooLong}
          aria-describedby="composer-problem"
          onChange={(event) => onText(event.target.value)}
          onKeyDown={(event) => {
            const { key, keyCode, shiftKey, altKey } = event
            const press = { key, keyCode, shiftKey, altKey, isComposing: event.nativeEvent.isComposing }
            if (sends(press)) {
              event.preventDefault()
              send()
            } else if (onStop && stops(press)) {
              event.preventDefault()
              onStop()
            }
          }}
          className="max-h-[38vh] min-h-11 min-w-0 flex-1 resize-none bg-transparent px-4 py-2.5 text-[1.03125rem] leading-6 outline-none placeholder:text-soft"
        />
        {left !== null && <Counter left={left} />}
        {onStop && <StopButton onStop={onStop} />}
        {(!onStop || text !== '') && (
          <button
            type="submit"
            disabled={!canSend}
            aria-label="Send"
            title="Send"
            className="grid size-11 shrink-0 place-items-center rounded-full bg-accent text-on-accent transition hover:brightness-110 disabled:bg-ink/8 disabled:text-soft"
          >
            <ArrowUp aria-hidden="true" className="size-5" />
          </button>
        )}
      </div>
    </form>
  )
}

function StopButton({ onStop }: { onStop: () => void }) {
  return (
    <button
      type="button"
      onClick={onStop}
      aria-label="Stop the reply"
      title="Stop the reply (Escape)"
      className="grid size-11 shrink-0 place-items-center rounded-full border border-line text-ink transition hover:border-accent hover:text-accent"
    >
      <Square aria-hidden="true" className="size-3.5 fill-current" />
    </button>
  )
}

function Counter({ left }: { left: number }) {
  return (
    <span
      className={`self-end px-2 pb-3.5 text-xs tabular-nums ${left < 0 ? 'font-semibold text-danger' : 'text-soft'}`}
    >
      {left.toLocaleString('en')}
      <span className="sr-only"> characters left</span>
    </span>
  )
}

function Problem({ problem }: { problem: ReactNode }) {
  return (
    <p
      id="composer-problem"
      className={
        problem === null ? 'sr-only' : 'mb-2 rounded-2xl bg-danger-tint px-4 py-2 text-danger text-sm'
      }
    >
      {problem}
    </p>
  )
}

function tooLong(excess: number): string {
  const unit = excess === 1 ? 'character' : 'characters'
  return `This message is ${excess.toLocaleString('en')} ${unit} too long. Shorten it or send it in parts.`
}
