import { useEffect, useRef } from 'react'
import { SignedOut } from '../account/signed-out.tsx'
import { useTitle } from './use-title.ts'

/** The whole page once the server no longer knows who is there. */
export function SignedOutPage() {
  const main = useRef<HTMLElement>(null)
  useTitle('Signed out')
  // What had the focus is gone.
  useEffect(() => main.current?.focus(), [])
  return (
    <main id="main" ref={main} tabIndex={-1} className="flex min-h-dvh outline-none">
      <SignedOut />
    </main>
  )
}
