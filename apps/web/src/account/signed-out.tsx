import { Button } from '../ui/button.tsx'
import { here, useAccount } from './account.ts'
import { EntryForm } from './entry-form.tsx'
import { SignInElsewhere } from './sign-in-elsewhere.tsx'

/** Stands in for the page when the server no longer knows who is there. Signing in again leads back to it. */
export function SignedOut() {
  const account = useAccount()
  const place = here()
  return (
    <div className="m-auto w-full max-w-md px-5 py-10">
      <div role="alert">
        <h1 className="display-type mb-3 text-center font-semibold text-4xl">You are signed out</h1>
        <p className="mb-7 text-center text-soft leading-relaxed">
          This login was ended: from another device, or because it was too old. Sign in and you are back where
          you were. What you have written and not sent is kept.
        </p>
      </div>
      <div className="rounded-[1.75rem] border border-line bg-card p-5 shadow-card sm:p-7">
        <SignInElsewhere backTo={place} />
        <EntryForm name="Sign in" isNew={false} onEnter={(login) => account.signIn(login, place)} />
      </div>
      <div className="mt-6 flex flex-col items-center gap-3 text-center text-soft text-sm">
        <p>Or go on without it. The conversations of your account stay with your account.</p>
        <Button onClick={account.goOnAsGuest}>Go on as a guest</Button>
      </div>
    </div>
  )
}
