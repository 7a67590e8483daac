import { Menu } from '@base-ui/react/menu'
import type { Identity } from '@parley/client'
import type { Persona, Session } from '@parley/protocol'
import { LayoutGrid, Plus } from 'lucide-react'
import { Link } from 'wouter'
import { AccountNote } from '../account/account-note.tsx'
import { ThemeMenu } from '../account/theme-menu.tsx'
import { Refusal } from '../chat/refusal.tsx'
import { SessionList } from '../chat/session-list.tsx'
import type { Fresh } from '../chat/use-fresh.ts'
import { Wordmark } from '../ui/logo.tsx'
import { menuItemClass, menuPopupClass } from '../ui/menu.ts'
import { Portrait } from '../ui/portrait.tsx'

interface SideBarProps {
  readonly sessions: readonly Session[]
  readonly personas: readonly Persona[]
  readonly currentId: string | undefined
  readonly identity: Identity | null
  readonly fresh: Fresh
  /** Called when the person goes elsewhere from here. */
  readonly onLeave?: (() => void) | undefined
}

/** Earlier conversations, a new one, and who one is. */
export function SideBar({ sessions, personas, currentId, identity, fresh, onLeave }: SideBarProps) {
  return (
    <>
      <div className="flex items-center justify-between px-5 pt-5 pb-4">
        <Link href="/" onClick={onLeave} className="rounded-xl" aria-label="Parley, all personas">
          <Wordmark />
        </Link>
      </div>
      <div className="px-3 pb-3">
        <NewMenu personas={personas} fresh={fresh} onLeave={onLeave} />
        {fresh.problem !== null && (
          <p role="alert" className="px-3 pt-2 text-danger text-sm">
            <Refusal error={fresh.problem} />
          </p>
        )}
      </div>
      <nav aria-label="Conversations" className="min-h-0 flex-1 overflow-y-auto px-3 pb-3">
        <h2 className="px-3 pt-2 pb-1.5 font-semibold text-soft text-xs">Conversations</h2>
        <SessionList sessions={sessions} personas={personas} currentId={currentId} onChoose={onLeave} />
      </nav>
      <footer className="flex items-center justify-between gap-2 border-line border-t px-4 py-3">
        <AccountNote identity={identity} onLeave={onLeave} />
        <ThemeMenu />
      </footer>
    </>
  )
}

function NewMenu({ personas, fresh, onLeave }: Pick<SideBarProps, 'personas' | 'fresh' | 'onLeave'>) {
  return (
    <Menu.Root>
      <Menu.Trigger
        disabled={fresh.isBusy}
        className="flex w-full items-center gap-3 rounded-2xl border border-line bg-card px-3.5 py-2.5 font-medium text-sm shadow-card transition hover:border-accent disabled:opacity-50"
      >
        <Plus aria-hidden="true" className="size-4.5 text-accent" />
        New conversation
      </Menu.Trigger>
      <Menu.Portal>
        <Menu.Positioner sideOffset={6} align="start" className="z-60">
          <Menu.Popup className={`${menuPopupClass} w-(--anchor-width)`}>
            {personas.map((persona) => (
              <Menu.Item
                key={persona.id}
                className={menuItemClass}
                onClick={() => {
                  fresh.begin(persona.id)
                  onLeave?.()
                }}
              >
                <Portrait picture={persona.picture} name={persona.name} className="size-8 rounded-full" />
                {persona.name}
              </Menu.Item>
            ))}
            <Menu.Separator className="mx-2 my-1.5 h-px bg-line" />
            <Menu.LinkItem
              className={menuItemClass}
              render={<Link href="/" />}
              closeOnClick
              onClick={onLeave}
            >
              <span className="grid size-8 place-items-center">
                <LayoutGrid aria-hidden="true" className="size-4.5 text-soft" />
              </span>
              All personas
            </Menu.LinkItem>
          </Menu.Popup>
        </Menu.Positioner>
      </Menu.Portal>
    </Menu.Root>
  )
}
