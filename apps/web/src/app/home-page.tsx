import type { ConnectionState } from '@parley/client'
import type { Session } from '@parley/protocol'
import type { ReactNode } from 'react'
import { AccountNote } from '../account/account-note.tsx'
import { ThemeMenu } from '../account/theme-menu.tsx'
import { SessionList } from '../chat/session-list.tsx'
import { Gallery } from '../personas/gallery.tsx'
import type { Personas } from '../personas/use-personas.ts'
import { Wordmark } from '../ui/logo.tsx'
import { useTitle } from './use-title.ts'

interface HomePageProps {
  readonly connection: ConnectionState
  readonly personas: Personas
  readonly sessions: readonly Session[]
  readonly notice: ReactNode
}

/** Conversations that the first screen shows at most. */
const RECENT = 6

/** The first screen: what this is, who is here, and what was talked about before. */
export function HomePage({ connection, personas, sessions, notice }: HomePageProps) {
  useTitle(undefined)
  const recent = sessions.filter(({ title }) => title !== null).slice(0, RECENT)
  return (
    <div className="flex min-h-dvh flex-col">
      {notice}
      <header className="mx-auto flex w-full max-w-6xl items-center justify-between px-5 pt-5 sm:px-8">
        <Wordmark />
        <ThemeMenu />
      </header>
      <main
        id="main"
        tabIndex={-1}
        className="mx-auto w-full max-w-6xl flex-1 px-5 pb-14 outline-none sm:px-8"
      >
        <div className="flex flex-col gap-4 pt-9 pb-8 sm:pt-12 lg:flex-row lg:items-end lg:justify-between lg:gap-12 lg:pb-10">
          <h1 className="display-type shrink-0 font-semibold text-[2.7rem] leading-none sm:text-6xl lg:text-7xl">
            Pull up a chair.
          </h1>
          <p className="max-w-xl text-[1.05rem] text-soft leading-relaxed">
            Parley is a place to talk with characters who each answer in a voice of their own. Choose one and
            say something: the reply appears as it is written, and the conversation is kept for when you come
            back.
          </p>
        </div>
        <h2 className="sr-only">Who would you like to talk with?</h2>
        <Gallery personas={personas} sessions={sessions} />
        {recent.length > 0 && (
          <nav aria-label="Conversations" className="mt-12">
            <h2 className="display-type mb-3 font-semibold text-2xl">Where you left off</h2>
            <div className="-mx-3 columns-1 sm:columns-2 lg:columns-3">
              <SessionList sessions={recent} personas={personas.list} currentId={undefined} />
            </div>
          </nav>
        )}
      </main>
      <footer className="border-line border-t">
        <div className="mx-auto flex min-h-14 max-w-6xl items-center px-5 py-3 sm:px-8">
          <AccountNote identity={connection.identity} />
        </div>
      </footer>
    </div>
  )
}
