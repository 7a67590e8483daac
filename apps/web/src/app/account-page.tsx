import type { ConnectionState } from '@parley/client'
import { ArrowLeft } from 'lucide-react'
import type { ReactNode } from 'react'
import { Link } from 'wouter'
import { cameFrom } from '../account/account-path.ts'
import { Join } from '../account/join.tsx'
import { OwnAccount } from '../account/own-account.tsx'
import { ThemeMenu } from '../account/theme-menu.tsx'
import { YourData } from '../account/your-data.tsx'
import { Wordmark } from '../ui/logo.tsx'
import { useTitle } from './use-title.ts'

interface AccountPageProps {
  readonly connection: ConnectionState
  readonly notice: ReactNode
}

/** Who one is: the ways into an account for a guest, the account for anybody else. */
export function AccountPage({ connection: { identity }, notice }: AccountPageProps) {
  useTitle('Your account')
  const backTo = cameFrom(window.location.search)
  return (
    <div className="flex min-h-dvh flex-col">
      {notice}
      <header className="mx-auto flex w-full max-w-6xl items-center justify-between px-5 pt-5 sm:px-8">
        <Link href="/" className="rounded-xl" aria-label="Parley, all personas">
          <Wordmark />
        </Link>
        <ThemeMenu />
      </header>
      <main
        id="main"
        tabIndex={-1}
        className={`mx-auto w-full flex-1 px-5 pt-6 pb-14 outline-none sm:px-8 ${identity?.guest === false ? 'max-w-3xl' : 'max-w-6xl'}`}
      >
        <Link
          href={backTo}
          className="mb-6 inline-flex min-h-9 items-center gap-2 rounded-full pr-3 font-medium text-accent text-sm underline-offset-3 hover:underline sm:mb-8"
        >
          <ArrowLeft aria-hidden="true" className="size-4" />
          {backTo === '/' ? 'All personas' : 'Back to the conversation'}
        </Link>
        {identity === null && (
          <p role="status" className="animate-pulse text-soft">
            One moment…
          </p>
        )}
        {identity?.guest === true && (
          <div key={identity.userId} className="flex flex-col gap-12">
            <Join backTo={backTo} />
            <YourData isGuest />
          </div>
        )}
        {identity?.guest === false && (
          <div key={identity.userId} className="flex flex-col gap-5">
            <OwnAccount />
            <YourData isGuest={false} />
          </div>
        )}
      </main>
    </div>
  )
}
