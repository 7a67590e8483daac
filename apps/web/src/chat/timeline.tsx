import type { ChatSession, PendingMessage } from '@parley/client'
import { useMemo } from 'react'
import { Button } from '../ui/button.tsx'
import { useNow } from '../ui/now.ts'
import { Portrait } from '../ui/portrait.tsx'
import { useSelected } from '../ui/store.ts'
import { dayOf } from '../ui/time.ts'
import { Reply } from './reply.tsx'
import { type Row, rowsOf } from './rows.ts'
import { Said, Sending } from './said.tsx'
import type { Older } from './use-older.ts'

interface TimelineProps {
  readonly session: ChatSession
  readonly isOnline: boolean
  readonly older: Older
  readonly onSay: (text: string) => void
  readonly onResend: (clientMessageId: string) => void
  readonly onEdit: (entry: PendingMessage) => void
  readonly onDiscard: (clientMessageId: string) => void
}

/** Everything that was said, oldest first, and what is on its way. */
export function Timeline({ session, isOnline, older, onSay, onResend, onEdit, onDiscard }: TimelineProps) {
  const messages = useSelected(session.state, (state) => state.messages)
  const pending = useSelected(session.state, (state) => state.pending)
  const rows = useMemo(() => rowsOf(messages), [messages])
  const lastId = pending.length > 0 ? undefined : rows.at(-1)?.message.id
  return (
    <>
      {older.hasMore ? <OlderMark older={older} /> : <Opening session={session} />}
      <ol aria-label={`Conversation with ${session.persona.name}`} className="pb-8">
        {rows.map((row, index) => (
          <TimelineRow
            key={row.message.id}
            session={session}
            row={row}
            isFirst={index === 0 && !older.hasMore}
            onSay={row.message.id === lastId ? onSay : undefined}
          />
        ))}
        {pending.map((entry, index) => (
          <Sending
            key={entry.clientMessageId}
            startsGroup={index === 0}
            {...{ entry, isOnline, onResend, onEdit, onDiscard }}
          />
        ))}
      </ol>
    </>
  )
}

interface TimelineRowProps {
  readonly session: ChatSession
  readonly row: Row
  readonly isFirst: boolean
  readonly onSay: ((text: string) => void) | undefined
}

function TimelineRow({ session, row, isFirst, onSay }: TimelineRowProps) {
  const { message, startsGroup, startsDay } = row
  return (
    <>
      {startsDay && <Day instant={message.createdAt} isFirst={isFirst} />}
      {message.sender === 'user' ? (
        <Said message={message} startsGroup={startsGroup} />
      ) : (
        <Reply {...{ session, message, startsGroup }} isOpening={isFirst} onGoOn={onSay} />
      )}
    </>
  )
}

function Day({ instant, isFirst }: { instant: string; isFirst: boolean }) {
  const now = useNow(60_000)
  const day = dayOf(instant, now)
  if (isFirst && day === 'Today') return null
  return (
    <li className="mt-9 flex items-center gap-4 text-soft text-xs">
      <span aria-hidden="true" className="h-px flex-1 bg-line" />
      {day}
      <span aria-hidden="true" className="h-px flex-1 bg-line" />
    </li>
  )
}

function OlderMark({ older }: { older: Older }) {
  return (
    <div ref={older.markRef} className="flex h-16 items-center justify-center text-soft text-sm">
      {older.isFailed ? <Button onClick={older.load}>Load older messages</Button> : 'Reading older messages…'}
    </div>
  )
}

/** The head of a conversation: who one is with. */
function Opening({ session }: { session: ChatSession }) {
  const { name, picture, pitch } = session.persona
  return (
    <div className="flex flex-col items-center px-4 pt-8 pb-2 text-center sm:pt-12">
      <div className="rounded-t-full border border-line border-b-0 bg-wash px-3 pt-3">
        <Portrait picture={picture} name={name} className="h-32 w-27 rounded-t-full text-5xl" />
      </div>
      <span aria-hidden="true" className="mb-5 h-1.5 w-44 rounded-full bg-lively/70" />
      <h2 className="display-type font-semibold text-3xl sm:text-4xl">{name}</h2>
      <p className="mt-2 max-w-md text-balance text-soft leading-relaxed">{pitch}</p>
    </div>
  )
}
