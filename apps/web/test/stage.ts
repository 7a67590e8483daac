import {
  ChatError,
  type ChatErrorCode,
  type ChatSession,
  createStore,
  openState,
  reduce,
  type SessionInput,
} from '@parley/client'
import type { Message, Persona, Session, Snapshot } from '@parley/protocol'

/** A persona. */
export function persona(change: Partial<Persona> = {}): Persona {
  return {
    id: 'wren',
    name: 'Wren Okafor',
    pitch: 'A patient mentor.',
    greeting: 'Hello.',
    picture: '/api/personas/wren/pictures/1.svg',
    versionId: 'wren-1',
    ...change,
  }
}

/** A session at a revision. */
export function session(change: Partial<Session> = {}): Session {
  return {
    id: 'session-1',
    personaId: 'wren',
    title: null,
    revision: 1,
    activeLeafId: null,
    createdAt: '2026-01-01T10:00:00.000Z',
    updatedAt: '2026-01-01T10:00:00.000Z',
    ...change,
  }
}

/** A message whose `seq` is `seq`; its id is made of it. */
export function message(seq: number, change: Partial<Message> = {}): Message {
  const id = `message-${seq}`
  return {
    id,
    sender: 'ai',
    content: `Text ${seq}`,
    createdAt: '2026-01-01T10:00:00.000Z',
    sessionId: 'session-1',
    parentId: seq > 1 ? `message-${seq - 1}` : null,
    seq,
    revision: seq,
    status: 'complete',
    siblingIds: [id],
    clientMessageId: null,
    replyId: null,
    personaVersionId: 'wren-1',
    finishReason: 'stop',
    error: null,
    demo: false,
    ...change,
  }
}

/** A session as it stands after `messages`. */
function snapshot(messages: readonly Message[], live: Snapshot['live'] = null): Snapshot {
  const last = messages.at(-1)
  return {
    session: session({ revision: last?.revision ?? 0, activeLeafId: last?.id ?? null }),
    messages: [...messages],
    hasMore: false,
    live,
  }
}

/** A session whose state is the client's own, and whose server is the test. */
export interface Stage {
  readonly session: ChatSession
  /** What was sent and not answered yet, oldest first. */
  readonly sent: { readonly id: string; readonly content: string }[]
  /** What was asked for about branches, oldest first. */
  readonly asked: string[]
  dispatch(input: SessionInput): void
  /** Refuses what was sent first. */
  refuse(code: ChatErrorCode): void
}

/** Opens a session that begins with `messages`. */
export function stage(messages: readonly Message[], live: Snapshot['live'] = null): Stage {
  const state = createStore(openState(snapshot(messages, live)))
  const sent: { id: string; content: string; reject: (cause: ChatError) => void }[] = []
  const dispatch = (input: SessionInput) => state.set(reduce(state.get(), input))
  const asked: string[] = []
  const send = (content: string, replaces: string | null = null) =>
    new Promise<Message>((_, reject) => {
      const id = crypto.randomUUID()
      sent.push({ id, content, reject })
      dispatch({ type: 'pending', clientMessageId: id, content, replaces, status: 'sending' })
    })
  return {
    sent,
    asked,
    dispatch,
    refuse: (code) => {
      const entry = sent.shift()
      const error = new ChatError(code, { clientMessageId: entry?.id })
      if (entry) dispatch({ type: 'rejected', clientMessageId: entry.id, error })
      entry?.reject(error)
    },
    session: {
      id: 'session-1',
      persona: persona(),
      state,
      send: (content) => send(content),
      edit: (messageId, content) => {
        asked.push(`edit ${messageId}`)
        return send(content, messageId)
      },
      regenerate: (messageId) => {
        asked.push(`regenerate ${messageId}`)
        return new Promise(() => undefined)
      },
      select: async (messageId) => void asked.push(`select ${messageId}`),
      resend: (clientMessageId) =>
        send(state.get().pending.find((entry) => entry.clientMessageId === clientMessageId)?.content ?? ''),
      discard: (clientMessageId) => {
        dispatch({ type: 'discarded', clientMessageId })
        return true
      },
      stop: async () => null,
      loadOlder: async () => false,
      replyTo: async function* () {},
      finishedReply: async (reply) => reply,
      onError: () => () => undefined,
      leave: () => undefined,
    },
  }
}
