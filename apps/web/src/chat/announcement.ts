import type { SessionState } from '@parley/client'
import { firstCodePoints, type Message } from '@parley/protocol'
import { plainText } from '../ui/markdown/blocks.ts'
import { endOf } from './reply-end.ts'

/** What a screen reader is told. */
export interface Announcement {
  readonly text: string
  /** Errors interrupt; everything else waits for its turn. */
  readonly isUrgent: boolean
}

/** More of a reply is not read out by itself; the person can read it where it stands. */
const READ_OUT = 600

/**
 * What there is to say about the step from one state to the next: once when a reply ends and once when
 * a message is refused, never about a reply's single pieces.
 */
export function announce(before: SessionState, after: SessionState, name: string): Announcement | null {
  for (const entry of after.pending) {
    const was = before.pending.find(({ clientMessageId }) => clientMessageId === entry.clientMessageId)
    if (entry.status === 'failed' && was?.status !== 'failed') {
      return { text: `Not sent. ${entry.error?.message ?? ''}`.trim(), isUrgent: true }
    }
  }
  if (before.messages === after.messages) return null
  for (const message of after.messages) {
    const was = before.rows.get(message.id)
    if (was && was !== message && isOpen(was) && !isOpen(message)) return ofReply(message, name)
  }
  return null
}

function isOpen({ status }: Message): boolean {
  return status === 'live' || status === 'waiting'
}

function ofReply(message: Message, name: string): Announcement {
  const text = firstCodePoints(plainText(message.content), READ_OUT)
  const end = endOf(message)
  if (!end) return { text: `${name} replied: ${text}`, isUrgent: false }
  if (end.isError) return { text: `${name}: ${end.sentence}`, isUrgent: true }
  return { text: `${name} replied: ${text} ${end.sentence}`, isUrgent: false }
}
