import { lazy, Suspense, useEffect, useRef } from 'react'
import { Link, useLocation } from 'wouter'
import { type Account, AccountContext } from '../account/account.ts'
import { ConnectionNotice } from '../chat/connection-notice.tsx'
import { type Chat, ChatContext } from '../chat/create-chat.ts'
import { useDelivery } from '../chat/use-delivery.ts'
import { useSessions } from '../chat/use-sessions.ts'
import { usePersonas } from '../personas/use-personas.ts'
import { buttonClass } from '../ui/button.tsx'
import { useStore } from '../ui/store.ts'
import { Fallback } from './fallback.tsx'
import { HomePage } from './home-page.tsx'
import { readPath } from './read-path.ts'
import { SignedOutPage } from './signed-out-page.tsx'

/** The chat needs the most code, so the first screen does not wait for it. */
const loadChatPage = () => import('./chat-page.tsx')
const ChatPage = lazy(async () => ({ default: (await loadChatPage()).ChatPage }))

/** Most visits never come here. */
const AccountPage = lazy(async () => ({ default: (await import('./account-page.tsx')).AccountPage }))

/** The whole page around its chat and whoever is in it. */
export function App({ chat, account }: { chat: Chat; account: Account }) {
  return (
    <AccountContext value={account}>
      <ChatContext value={chat}>
        <Fallback>
          <Pages chat={chat} />
        </Fallback>
      </ChatContext>
    </AccountContext>
  )
}

function Pages({ chat }: { chat: Chat }) {
  const { client } = chat
  const connection = useStore(client.connection)
  const isOnline = connection.status === 'online'
  const personas = usePersonas(isOnline)
  const sessions = useSessions(isOnline)
  useDelivery(connection, sessions)
  useLocation()
  // The router's own path is decoded in part, which cannot be undone.
  const path = window.location.pathname
  const place = readPath(path)
  useFocusOnMove(place?.at)
  useEffect(() => {
    // Ready by the time that somebody was chosen; if it fails, the choice tries again.
    loadChatPage().catch(() => undefined)
  }, [])
  if (connection.status === 'signed-out') return <SignedOutPage />
  const notice = (
    <ConnectionNotice
      connection={connection}
      onRetry={() => client.retry()}
      onReload={() => location.reload()}
    />
  )
  const shared = { connection, personas, sessions, notice }
  return (
    <>
      <SkipLink target={place?.at === 'chat' ? 'composer' : 'main'} />
      {place?.at === 'home' && <HomePage {...shared} />}
      {place?.at === 'chat' && (
        <Suspense fallback={null}>
          <ChatPage personaId={place.personaId} sessionId={place.sessionId} {...shared} />
        </Suspense>
      )}
      {place?.at === 'account' && (
        <Suspense fallback={null}>
          <AccountPage connection={connection} notice={notice} />
        </Suspense>
      )}
      {place === null && <NotFound />}
    </>
  )
}

function SkipLink({ target }: { target: string }) {
  return (
    <a
      href={`#${target}`}
      className="fixed top-2 left-2 z-70 -translate-y-20 rounded-full bg-accent px-4 py-2 text-on-accent focus:translate-y-0"
    >
      Skip to the content
    </a>
  )
}

function NotFound() {
  return (
    <main id="main" className="grid min-h-dvh place-content-center justify-items-center p-8 text-center">
      <h1 className="display-type mb-3 font-semibold text-3xl">There is nothing here</h1>
      <p className="mb-6 text-soft">This address leads nowhere.</p>
      <Link href="/" className={buttonClass('solid')}>
        All personas
      </Link>
    </main>
  )
}

/** After a move to another page the keyboard goes on from its start; a conversation focuses its composer. */
function useFocusOnMove(at: 'home' | 'chat' | 'account' | undefined): void {
  const before = useRef(at)
  useEffect(() => {
    const hasMoved = before.current !== at
    before.current = at
    if (hasMoved && document.activeElement === document.body) {
      document.getElementById('main')?.focus({ preventScroll: true })
    }
    if (at !== 'chat') window.scrollTo(0, 0)
  }, [at])
}
