import { type ChatSession, textOf } from '@parley/client'
import type { Message, Persona } from '@parley/protocol'
import { memo } from 'react'
import { CopyButton } from '../ui/copy-button.tsx'
import { Markdown } from '../ui/markdown/markdown.tsx'
import { Portrait } from '../ui/portrait.tsx'
import { useSelected } from '../ui/store.ts'
import { ReplyFooter } from './reply-footer.tsx'
import type { Row } from './rows.ts'
import { SentAt } from './sent-at.tsx'

interface ReplyProps extends Omit<Row, 'startsDay'> {
  /** The greeting, which stands below the persona's name and picture anyway. */
  readonly isOpening: boolean
  readonly session: ChatSession
  /** Says again what this reply answers, or asks for its rest; absent where there is nothing to do. */
  readonly onGoOn?: ((text: string) => void) | undefined
}

/** What the persona said. Renders again only when its own row changes, or its text while it is live. */
export const Reply = memo(function Reply({ session, message, startsGroup, isOpening, onGoOn }: ReplyProps) {
  const { persona } = session
  const place = isOpening ? 'mt-6 sm:px-14' : startsGroup ? 'mt-7 sm:pl-14' : 'mt-3 sm:pl-14'
  return (
    <li className={`row relative ${place}`} data-id={message.id}>
      {isOpening && <h3 className="sr-only">{persona.name}</h3>}
      {startsGroup && !isOpening && <Speaker persona={persona} message={message} />}
      <Body session={session} message={message} />
      <ReplyFooter session={session} message={message} onGoOn={onGoOn} />
      {message.content !== '' && !isOpening && (
        <span className="on-hover -mb-6 -ml-2 flex h-7 items-center">
          <CopyButton text={message.content} label="Copy reply" />
        </span>
      )}
    </li>
  )
})

function Speaker({ persona, message }: { persona: Persona; message: Message }) {
  return (
    <header className="mb-1.5 flex items-center gap-2.5">
      <Portrait
        picture={persona.picture}
        name={persona.name}
        className="size-8 rounded-full sm:absolute sm:top-0 sm:left-0 sm:size-10"
      />
      <h3 className="display-type font-semibold text-[1.05rem] text-accent leading-none">{persona.name}</h3>
      {message.demo && (
        <span className="rounded-full bg-notice-tint px-2 py-0.5 font-semibold text-[0.68rem] text-notice uppercase tracking-wider">
          Demo
        </span>
      )}
      <SentAt instant={message.createdAt} />
    </header>
  )
}

function Body({ session, message }: { session: ChatSession; message: Message }) {
  const text = useSelected(session.state, (state) => textOf(state, message))
  if (message.status === 'waiting') {
    return <p className="text-soft italic">Waiting for the earlier reply to finish…</p>
  }
  if (message.status === 'live' && text === '') return <Thinking name={session.persona.name} />
  return text === '' ? null : <Markdown text={text} isLive={message.status === 'live'} />
}

function Thinking({ name }: { name: string }) {
  return (
    <p className="thinking flex h-[1.7rem] items-center gap-1.5">
      <span className="sr-only">{name} is thinking</span>
      {['a', 'b', 'c'].map((dot) => (
        <i key={dot} aria-hidden="true" className="size-2 rounded-full bg-lively" />
      ))}
    </p>
  )
}
