import { Button } from '../ui/button.tsx'

/** Stands in for the page when the server no longer knows who is there. */
export function SignedOut({ onContinue }: { onContinue: () => void }) {
  return (
    <section role="alert" className="mx-auto my-auto max-w-md p-8 text-center">
      <h1 className="display-type mb-3 font-semibold text-3xl">You are signed out</h1>
      <p className="mb-6 text-soft leading-relaxed">
        The server does not know this browser any more: the visit ended, or somebody signed out. You can go on
        as a guest; conversations of before belong to whoever had them.
      </p>
      <Button shape="solid" onClick={onContinue}>
        Continue as a guest
      </Button>
    </section>
  )
}
