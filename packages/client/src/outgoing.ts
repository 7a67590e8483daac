import { type AckData, type ClientEvents, clientEvents } from '@parley/protocol'
import { ChatError } from './errors.ts'
import type { Line } from './line.ts'
import { randomId } from './random-id.ts'
import type { StoredMessage } from './storage.ts'

/** A message to be sent. */
export type Outgoing = Pick<StoredMessage, 'clientMessageId' | 'content' | 'replaces'>

/** Makes a message that goes behind all others. @throws {ChatError} `INVALID_PAYLOAD` */
export function newMessage(sessionId: string, content: string): Outgoing {
  const clientMessageId = randomId()
  const parsed = clientEvents['chat:message'].payload.safeParse({ sessionId, content })
  if (!parsed.success) throw invalid(parsed.error.issues[0])
  return { clientMessageId, content: parsed.data.content, replaces: null }
}

/** Makes a message that is to stand in the place of another one. @throws {ChatError} `INVALID_PAYLOAD` */
export function newEdit(sessionId: string, messageId: string, content: string): Outgoing {
  const clientMessageId = randomId()
  const parsed = clientEvents['chat:edit'].payload.safeParse({ sessionId, messageId, content })
  if (!parsed.success) throw invalid(parsed.error.issues[0])
  return { clientMessageId, content: parsed.data.content, replaces: messageId }
}

/** Sends a message or an edit. @throws {ChatError} */
export function sendOn(line: Line, message: StoredMessage): Promise<AckData<ClientEvents, 'chat:message'>> {
  const { sessionId, content, clientMessageId, replaces } = message
  if (replaces === null) return line.request('chat:message', { sessionId, content, clientMessageId })
  return line.request('chat:edit', { sessionId, messageId: replaces, content, clientMessageId })
}

function invalid(issue: { readonly message: string; readonly path: PropertyKey[] } | undefined): ChatError {
  return new ChatError('INVALID_PAYLOAD', { path: issue?.path.join('.') })
}
