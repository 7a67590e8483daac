import { type ChatSession, type PendingMessage, shownPart } from '@parley/client'
import { useMemo } from 'react'
import { Button } from '../ui/button.tsx'
import { useNow } from '../ui/now.ts'
import { Portrait } from '../ui/portrait.tsx'
import { useSelected } from '../ui/store.ts'
import { dayOf } from '../ui/time.ts'
import { Reply } from './reply.tsx'
import { type Row, rowsOf } from './rows.ts'
import { Said } from './said.tsx'
import { Sending } from './sending.tsx'
import type { Older } from './use-older.ts'
import type { Talk } from './use-talk.ts'

interface TimelineProps {
  readonly session: ChatSession
  readonly isOnline: boolean
  readonly older: Older
  readonly talk: Talk
}

/** Everything that was said, oldest first, and what is on its way. */
export function Timeline({ session, isOnline, older, talk }: TimelineProps) {
  const { shown, waiting, refusals } = useShown(session)
  const isGone = useSelected(session.state, (state) => state.fault !== null)
  const rows = useMemo(() => rowsOf(shown), [shown])
  const lastId = waiting.length > 0 ? undefined : rows.at(-1)?.message.id
  return (
    <>
      {older.hasMore ? <OlderMark older={older} /> : <Opening session={session} />}
      <ol aria-label={`Conversation with ${session.persona.name}`} className="pb-8">
        {rows.map((row, index) => (
          <TimelineRow
            // Versions of a message have one parent and are one row, in which the focus stays.
            key={row.message.parentId ?? 'first'}
            session={session}
            row={row}
            isFirst={index === 0 && !older.hasMore}
            isLast={row.message.id === lastId}
            refused={refusals.get(row.message.id)}
            isOnline={isOnline}
            talk={talk}
          />
        ))}
        {waiting.map((entry, index) => (
          <Sending
            key={entry.clientMessageId}
            startsGroup={index === 0}
            entry={entry}
            isOnline={isOnline}
            isGone={isGone}
            onResend={talk.resend}
            onEdit={talk.edit}
            onDiscard={talk.discard}
          />
        ))}
      </ol>
    </>
  )
}

/** What there is to show while edits are on their way, and edits that were refused, by what they replace. */
function useShown(session: ChatSession) {
  const messages = useSelected(session.state, (state) => state.messages)
  const pending = useSelected(session.state, (state) => state.pending)
  const count = useSelected(session.state, (state) => shownPart(state).messages)
  const from = useSelected(session.state, (state) => shownPart(state).pendingFrom)
  return useMemo(() => {
    const shown = count < messages.length ? messages.slice(0, count) : messages
    const shownIds = new Set(shown.map(({ id }) => id))
    const refusals = new Map<string, PendingMessage>()
    for (const entry of pending) {
      const { replaces, status } = entry
      if (status === 'failed' && replaces !== null && shownIds.has(replaces)) refusals.set(replaces, entry)
    }
    const waiting = pending.slice(from).filter((entry) => refusals.get(entry.replaces ?? '') !== entry)
    return { shown, waiting, refusals }
  }, [messages, pending, count, from])
}

interface TimelineRowProps {
  readonly session: ChatSession
  readonly row: Row
  readonly isFirst: boolean
  readonly isLast: boolean
  readonly refused: PendingMessage | undefined
  readonly isOnline: boolean
  readonly talk: Talk
}

function TimelineRow({ session, row, isFirst, isLast, refused, isOnline, talk }: TimelineRowProps) {
  const { message, startsGroup, startsDay } = row
  const onSelect = isOnline ? talk.select : undefined
  return (
    <>
      {startsDay && <Day instant={message.createdAt} isFirst={isFirst} />}
      {message.sender === 'user' ? (
        <Said
          {...{ message, startsGroup, refused, onSelect }}
          onChange={talk.change}
          onDiscard={talk.discard}
        />
      ) : (
        <Reply
          {...{ session, message, startsGroup, onSelect }}
          isOpening={isFirst}
          onGoOn={isLast ? talk.say : undefined}
          onRegenerate={isLast && isOnline ? talk.regenerate : undefined}
        />
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
