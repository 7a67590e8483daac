import type { ChatSession } from '@parley/client'
import { ArrowDown } from 'lucide-react'
import { type ReactNode, useEffect, useRef } from 'react'
import { useSelected } from '../ui/store.ts'
import { useStick } from '../ui/use-stick.ts'
import { Announcer } from './announcer.tsx'
import { Composer } from './composer.tsx'
import type { Drafts } from './draft.ts'
import { Refusal } from './refusal.tsx'
import { Timeline } from './timeline.tsx'
import { useOlder } from './use-older.ts'
import { useTalk } from './use-talk.ts'

interface ConversationProps {
  readonly session: ChatSession
  readonly drafts: Drafts
  readonly isOnline: boolean
  /** Shown instead of the composer when the session cannot be used any more. */
  readonly ending: ReactNode
}

/** A conversation: what was said, and where to say something. Made anew for another session. */
export function Conversation({ session, drafts, isOnline, ending }: ConversationProps) {
  const input = useRef<HTMLTextAreaElement>(null)
  const { scroller, content, isAtEnd, toEnd } = useStick()
  const talk = useTalk(session, drafts, input, toEnd)
  const older = useOlder(session, scroller)
  const name = session.persona.name
  const isGone = useSelected(session.state, (state) => state.fault !== null)
  const isLive = useSelected(session.state, (state) => state.messages.some(({ status }) => status === 'live'))
  useEffect(() => {
    // On a touch screen the keyboard would cover what there is to read.
    if (matchMedia('(pointer: fine)').matches) input.current?.focus({ preventScroll: true })
  }, [])

  return (
    <div className="relative flex min-h-0 flex-1 flex-col">
      <section
        ref={scroller}
        aria-label="Messages"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard.
        tabIndex={0}
        className="relative flex-1 overflow-y-auto overscroll-contain px-4 outline-none [overflow-anchor:none] [scrollbar-gutter:stable_both-edges] sm:px-6"
      >
        <div ref={content} className="mx-auto max-w-[46rem]">
          <Timeline session={session} isOnline={isOnline} older={older} talk={talk} />
        </div>
      </section>
      {!isAtEnd && <ToNewest isLive={isLive} onClick={toEnd} />}
      <Announcer session={session} />
      <div className="relative px-3 pb-[max(0.75rem,env(safe-area-inset-bottom))] sm:px-6">
        <span
          aria-hidden="true"
          className="pointer-events-none absolute inset-x-0 bottom-full h-8 bg-linear-to-t from-paper to-transparent"
        />
        <div className="relative mx-auto max-w-[48rem]">
          {isGone ? (
            ending
          ) : (
            <Composer
              text={talk.text}
              onText={talk.setText}
              onSend={talk.send}
              onStop={isLive && isOnline ? talk.stop : undefined}
              name={name}
              problem={talk.problem && <Refusal error={talk.problem} />}
              inputRef={input}
            />
          )}
          <Hint session={session} />
        </div>
      </div>
    </div>
  )
}

function ToNewest({ isLive, onClick }: { isLive: boolean; onClick: () => void }) {
  return (
    <div className="pointer-events-none relative z-10 h-0">
      <button
        type="button"
        onClick={onClick}
        className="rise pointer-events-auto absolute bottom-3 left-1/2 inline-flex -translate-x-1/2 items-center gap-2 rounded-full border border-line bg-card py-2 pr-4 pl-3 font-medium text-sm shadow-float hover:border-accent"
      >
        <ArrowDown aria-hidden="true" className={`size-4 text-accent ${isLive ? 'animate-bounce' : ''}`} />
        Newest
      </button>
    </div>
  )
}

/** Below the composer: how to send; where no model is connected, that and how to connect one. */
function Hint({ session }: { session: ChatSession }) {
  const isDemo = useSelected(session.state, (state) => state.messages.some((message) => message.demo))
  if (isDemo) {
    return (
      <p className="mt-2 text-center text-soft text-xs leading-relaxed">
        <strong className="font-semibold text-notice">Demo replies.</strong> To connect a model, start the
        server with <code className="font-mono text-[0.95em] text-ink">OPENAI_API_KEY</code> or{' '}
        <code className="font-mono text-[0.95em] text-ink">OPENAI_BASE_URL</code>.
      </p>
    )
  }
  return (
    <p className="mt-2 hidden text-center text-soft text-xs sm:block">
      Enter sends, Shift + Enter starts a new line
    </p>
  )
}
