import { Eye, EyeOff } from 'lucide-react'
import { type ComponentProps, useId, useState } from 'react'
import { IconButton } from './button.tsx'

type TextFieldProps = ComponentProps<'input'> & {
  readonly label: string
  /** What is wrong with what it holds; null: nothing that is known. */
  readonly problem: string | null
  /** Something to know before one writes. */
  readonly hint?: string
}

/** A field for one line of text, with its name above it and what is wrong below. A password can be looked at. */
export function TextField({ label, problem, hint, type = 'text', ...props }: TextFieldProps) {
  const id = useId()
  const [isShown, setShown] = useState(false)
  const isPassword = type === 'password'
  const note = problem ?? hint
  return (
    <div>
      <label htmlFor={id} className="mb-1.5 block font-medium text-sm">
        {label}
      </label>
      <div
        className={`flex items-center rounded-2xl border bg-paper transition focus-within:border-accent ${problem === null ? 'border-line' : 'border-danger'}`}
      >
        <input
          {...props}
          id={id}
          type={isPassword && isShown ? 'text' : type}
          aria-invalid={problem !== null}
          aria-describedby={note === undefined ? undefined : `${id}-note`}
          className="min-h-11 min-w-0 flex-1 rounded-2xl bg-transparent px-4 py-2 outline-none placeholder:text-soft"
        />
        {isPassword && (
          <IconButton
            label={isShown ? 'Hide the password' : 'Show the password'}
            onClick={() => setShown(!isShown)}
            className="mr-0.5"
          >
            {isShown ? (
              <EyeOff aria-hidden="true" className="size-4.5" />
            ) : (
              <Eye aria-hidden="true" className="size-4.5" />
            )}
          </IconButton>
        )}
      </div>
      {note !== undefined && (
        <p
          id={`${id}-note`}
          role={problem === null ? undefined : 'alert'}
          className={`mt-1.5 text-sm ${problem === null ? 'text-soft' : 'text-danger'}`}
        >
          {note}
        </p>
      )}
    </div>
  )
}
