import type { Message } from '@parley/protocol'
import { ChatError } from './errors.ts'
import { hasEnded, type SessionState, textOf } from './state.ts'
import type { Store } from './store.ts'

/** The reply to `message`, or `message` itself if it is one, once it ended. @throws {ChatError} */
export async function finishedReply(store: Store<SessionState>, message: Message): Promise<Message> {
  for (;;) {
    const state = store.get()
    const reply = replyOf(state, message)
    if (reply && hasEnded(reply)) return reply
    await changeAfter(store, state)
  }
}

/** The text of a reply piece by piece, as `ChatSession.replyTo` tells. @throws {ChatError} */
export async function* replyPieces(store: Store<SessionState>, message: Message): AsyncGenerator<string> {
  let given = ''
  for (;;) {
    const state = store.get()
    const reply = replyOf(state, message)
    const text = reply ? textOf(state, reply) : ''
    const piece = pieceAfter(given, text)
    if (piece) {
      given = text
      yield piece
    }
    if (reply && hasEnded(reply)) return throwIfFailed(reply)
    await changeAfter(store, state)
  }
}

function replyOf(state: SessionState, message: Message): Message | undefined {
  const replyId = message.sender === 'ai' ? message.id : message.replyId
  const reply = replyId === null ? undefined : state.rows.get(replyId)
  if (reply && hasEnded(reply)) return reply
  if (state.fault) throw state.fault
  // A message of a revision that is held came with its reply; if that is not here, it is not held.
  if (!reply && message.revision <= state.revision) throw new ChatError('MESSAGE_NOT_FOUND')
  return reply
}

function pieceAfter(given: string, text: string): string {
  if (text.startsWith(given)) return text.slice(given.length)
  return given.startsWith(text) ? '' : `\n${text}`
}

function throwIfFailed(reply: Message): void {
  if (reply.status !== 'failed' && reply.status !== 'blocked') return
  const code = reply.error ?? (reply.status === 'blocked' ? 'MODERATION_FAILED' : 'INTERNAL')
  throw new ChatError(code, { replyId: reply.id })
}

/** Resolves once the store holds something else than `seen`. */
function changeAfter<T>(store: Store<T>, seen: T): Promise<void> {
  return new Promise((resolve) => {
    if (store.get() !== seen) return resolve()
    const stop = store.subscribe(() => {
      stop()
      resolve()
    })
  })
}
