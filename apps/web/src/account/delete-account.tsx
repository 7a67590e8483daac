import { AlertDialog } from '@base-ui/react/alert-dialog'
import { Trash2 } from 'lucide-react'
import { useEffect, useRef } from 'react'
import { Button, buttonClass } from '../ui/button.tsx'
import { TextField } from '../ui/text-field.tsx'
import { useAccount } from './account.ts'
import { AccountError } from './account-error.ts'
import { ExportLink } from './export-link.tsx'
import { Problem } from './problem.tsx'
import { useAttempt } from './use-attempt.ts'
import { useLoaded } from './use-loaded.ts'

/** A button, and the question behind it: what goes, and whether that is meant. */
export function DeleteAccount({ isGuest }: { isGuest: boolean }) {
  const name = isGuest ? 'Delete everything' : 'Delete my account'
  return (
    <AlertDialog.Root>
      <AlertDialog.Trigger className={`${buttonClass('quiet')} text-danger! hover:border-danger!`}>
        <Trash2 aria-hidden="true" className="size-4" />
        {name}…
      </AlertDialog.Trigger>
      <AlertDialog.Portal>
        <AlertDialog.Backdrop className="fixed inset-0 z-40 bg-black/45 transition-opacity duration-200 data-ending-style:opacity-0 data-starting-style:opacity-0" />
        <AlertDialog.Viewport className="fixed inset-0 z-50 grid place-items-center overflow-y-auto p-4">
          <AlertDialog.Popup className="w-full max-w-lg rounded-[1.75rem] border border-line bg-card p-6 text-ink shadow-float outline-none transition duration-200 data-ending-style:scale-97 data-ending-style:opacity-0 data-starting-style:scale-97 data-starting-style:opacity-0 sm:p-8">
            <AlertDialog.Title className="display-type mb-3 font-semibold text-3xl leading-tight">
              {isGuest ? 'Delete everything?' : 'Delete your account?'}
            </AlertDialog.Title>
            <AlertDialog.Description className="mb-5 text-soft leading-relaxed">
              {isGuest
                ? 'All your conversations go, with every message and reply, here and on the server.'
                : 'All your conversations go, with every message and reply, on every device, and so do your name and your e-mail address.'}{' '}
              Nobody can bring them back. You may want to keep a copy first.
            </AlertDialog.Description>
            <ExportLink />
            <Confirmation name={name} isGuest={isGuest} />
          </AlertDialog.Popup>
        </AlertDialog.Viewport>
      </AlertDialog.Portal>
    </AlertDialog.Root>
  )
}

function Confirmation({ name, isGuest }: { name: string; isGuest: boolean }) {
  const account = useAccount()
  const form = useRef<HTMLFormElement>(null)
  const { value: hasPassword, problem: unknown, again } = useLoaded(account.api.hasPassword)
  const { isBusy, problem, start } = useAttempt()
  const asks = hasPassword === true || problem?.code === 'PASSWORD_NEEDED'
  useEffect(() => {
    if (problem?.field) form.current?.querySelector('input')?.focus()
  }, [problem])
  return (
    <form
      ref={form}
      aria-label={name}
      noValidate
      className="mt-6 flex flex-col gap-4"
      onSubmit={(event) => {
        event.preventDefault()
        const password = String(new FormData(event.currentTarget).get('password') ?? '')
        start(async () => {
          if (asks && password === '') throw new AccountError('PASSWORD_NEEDED')
          await account.remove(asks ? password : undefined)
        })
      }}
    >
      {asks && (
        <TextField
          label="Your password"
          name="password"
          type="password"
          autoComplete="current-password"
          problem={problem?.field ? problem.message : null}
        />
      )}
      <Problem problem={(problem?.field ? null : problem) ?? unknown} />
      <div className="flex flex-wrap justify-end gap-3">
        <AlertDialog.Close className={buttonClass('quiet')}>
          {isGuest ? 'Keep it' : 'Keep my account'}
        </AlertDialog.Close>
        {unknown ? (
          <Button onClick={() => void again()}>Try again</Button>
        ) : (
          <Button
            type="submit"
            disabled={hasPassword === undefined}
            aria-disabled={isBusy}
            className="border-danger! bg-danger! text-card!"
          >
            {name}
          </Button>
        )}
      </div>
    </form>
  )
}
