import { LoaderCircle } from 'lucide-react'
import { type ReactNode, useEffect, useRef } from 'react'
import { Button } from '../ui/button.tsx'
import { TextField } from '../ui/text-field.tsx'
import type { NewAccount } from './account-api.ts'
import { AccountError, type AccountField } from './account-error.ts'
import { Problem } from './problem.tsx'
import { useAttempt } from './use-attempt.ts'

interface EntryFormProps {
  /** What it does, as on its button. */
  readonly name: string
  readonly isNew: boolean
  readonly onEnter: (account: NewAccount) => Promise<void>
  /** Stands below the button. */
  readonly children?: ReactNode
}

const SHORTEST_PASSWORD = 8

/** Asks for what an account is made of or entered with. Enter sends it; a failure focuses what it is about. */
export function EntryForm({ name, isNew, onEnter, children }: EntryFormProps) {
  const form = useRef<HTMLFormElement>(null)
  const { isBusy, problem, start } = useAttempt()
  useEffect(() => {
    if (problem?.field) form.current?.querySelector<HTMLInputElement>(`[name="${problem.field}"]`)?.focus()
  }, [problem])
  const sentence = (field: AccountField) => (problem?.field === field ? problem.message : null)
  return (
    <form
      ref={form}
      aria-label={name}
      // Its sentences are ours, and the same in every browser.
      noValidate
      className="flex flex-col gap-4"
      onSubmit={(event) => {
        event.preventDefault()
        const entered = new FormData(event.currentTarget)
        start(async () => {
          const account = accountOf(entered)
          check(account, isNew)
          await onEnter(account)
        })
      }}
    >
      {isNew && (
        <TextField label="Name" name="name" autoComplete="name" maxLength={100} problem={sentence('name')} />
      )}
      <TextField
        label="E-mail"
        name="email"
        type="email"
        autoComplete="email"
        autoCapitalize="none"
        spellCheck={false}
        problem={sentence('email')}
      />
      <TextField
        label="Password"
        name="password"
        type="password"
        autoComplete={isNew ? 'new-password' : 'current-password'}
        {...(isNew ? { hint: `${SHORTEST_PASSWORD} characters or more.` } : {})}
        problem={sentence('password')}
      />
      <Problem problem={problem?.field ? null : problem} />
      <Button type="submit" shape="solid" aria-disabled={isBusy} className="mt-1 min-h-11">
        {isBusy && <LoaderCircle aria-hidden="true" className="size-4 animate-spin" />}
        {name}
      </Button>
      {children}
    </form>
  )
}

function accountOf(entered: FormData): NewAccount {
  const text = (field: AccountField) => String(entered.get(field) ?? '')
  return { name: text('name').trim(), email: text('email').trim(), password: text('password') }
}

/** What needs no server to be known. @throws {AccountError} */
function check({ name, email, password }: NewAccount, isNew: boolean): void {
  if (isNew && name === '') throw new AccountError('NAME_MISSING')
  if (!/^[^\s@]+@[^\s@]+$/.test(email)) throw new AccountError('EMAIL_INVALID')
  if (password === '') throw new AccountError('PASSWORD_EMPTY')
  if (isNew && password.length < SHORTEST_PASSWORD) throw new AccountError('PASSWORD_TOO_SHORT')
}
