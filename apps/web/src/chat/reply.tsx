import { type ChatSession, hasEnded, textOf } from '@parley/client'
import type { Message, Persona } from '@parley/protocol'
import { RefreshCw } from 'lucide-react'
import { memo } from 'react'
import { CopyButton } from '../ui/copy-button.tsx'
import { Markdown } from '../ui/markdown/markdown.tsx'
import { Portrait } from '../ui/portrait.tsx'
import { useSelected } from '../ui/store.ts'
import { endOf } from './reply-end.ts'
import { ReplyFooter } from './reply-footer.tsx'
import type { Row } from './rows.ts'
import { SentAt } from './sent-at.tsx'
import { Siblings } from './siblings.tsx'

interface ReplyProps extends Omit<Row, 'startsDay'> {
  /** The greeting, which stands below the persona's name and picture anyway. */
  readonly isOpening: boolean
  readonly session: ChatSession
  /** Asks for the rest of the last reply; absent on every other one. */
  readonly onGoOn?: ((text: string) => void) | undefined
  /** Has what the last reply answers answered anew; absent on every other one. */
  readonly onRegenerate?: ((messageId: string) => void) | undefined
  readonly onSelect?: ((messageId: string) => void) | undefined
}

/** What the persona said. Renders again only when its own row changes, or its text while it is live. */
export const Reply = memo(function Reply(props: ReplyProps) {
  const { session, message, startsGroup, isOpening, onGoOn, onRegenerate, onSelect } = props
  const { persona } = session
  const canRegenerate = onRegenerate && hasEnded(message) && message.parentId !== null
  const regenerate = canRegenerate ? () => onRegenerate(message.id) : undefined
  const place = isOpening ? 'mt-6 sm:px-14' : startsGroup ? 'mt-7 sm:pl-14' : 'mt-3 sm:pl-14'
  return (
    <li className={`row relative ${place}`} data-id={message.id}>
      {isOpening && <h3 className="sr-only">{persona.name}</h3>}
      {startsGroup && !isOpening && <Speaker persona={persona} message={message} />}
      <Body session={session} message={message} />
      <ReplyFooter message={message} onGoOn={onGoOn} onRegenerate={regenerate} />
      <span className="-mb-6 -ml-2 flex h-7 items-center empty:hidden">
        <Siblings message={message} onSelect={onSelect} />
        {message.content !== '' && !isOpening && (
          <span className={regenerate ? 'flex' : 'on-hover flex'}>
            <CopyButton text={message.content} label="Copy reply" />
          </span>
        )}
        {regenerate && endOf(message)?.wayOn !== 'again' && (
          <button
            type="button"
            aria-label="Answer anew"
            title="Answer anew"
            onClick={regenerate}
            className="inline-flex size-7 items-center justify-center rounded-lg text-soft hover:bg-ink/8 hover:text-ink"
          >
            <RefreshCw className="size-3.5" aria-hidden="true" />
          </button>
        )}
      </span>
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
