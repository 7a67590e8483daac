import {
  type AckData,
  type ClientEvents,
  clientEvents,
  type Delta,
  type EventName,
  type Message,
  type Payload,
  type PayloadIn,
  type Reply,
  request,
  type ServerEvents,
  type Session,
  serverEvents,
  type WireError,
} from '@parley/protocol'
import type { z } from 'zod'
import { connectPlain, type PlainSocket } from '../harness/plain-socket.ts'

type Joined = AckData<ClientEvents, 'chat:join'>

/** One socket of a person who has a session open. Everything it receives is parsed by the contract. */
export interface Talk {
  readonly plain: PlainSocket
  readonly userId: string
  readonly sessionId: string
  readonly joined: Joined
  /** Sends any event and waits for its ack. */
  ask<E extends EventName<ClientEvents>>(
    event: E,
    payload: PayloadIn<ClientEvents, E>,
  ): Promise<Reply<AckData<ClientEvents, E>>>
  /** Says something; resolves with the id of the reply that will answer it. */
  say(content: string, clientMessageId?: string): Promise<string>
  /** How a reply ended, once it has: the payload of `chat:response`. */
  end(replyId: string): Promise<Payload<ServerEvents, 'chat:response'>>
  /** Everything of a kind that was received so far. */
  responses(): Payload<ServerEvents, 'chat:response'>[]
  errors(): WireError[]
  turns(): Payload<ServerEvents, 'chat:message'>[]
  sessions(): Session[]
  deltas(replyId: string): Delta[]
  /** The text that the deltas of a reply give, after `known`; throws on a gap. */
  text(replyId: string, known?: string): string
  /** Waits until the deltas of a reply give at least this text. */
  heard(replyId: string, text: string): Promise<void>
  /** The newest page as it is stored. */
  rows(): Promise<Message[]>
  close(): void
}

/** Who talks with whom, where. */
export interface TalkOptions {
  readonly userId?: string
  readonly personaId?: string
  readonly sessionId?: string
  readonly fresh?: boolean
}

let people = 0

/** A name that nobody has yet. */
export const nobodyYet = () => `person-${process.pid}-${++people}`

/** Connects, says who it is and joins. */
export async function openTalk(url: string, options: TalkOptions = {}): Promise<Talk> {
  const { userId = nobodyYet(), personaId = 'wren', sessionId, fresh } = options
  const plain = await connectPlain(url)
  const ask = askVia(plain)
  dataOf(await ask('chat:auth', { userId }))
  const joined = dataOf(await ask('chat:join', { personaId, sessionId, fresh }))
  const id = joined.session.id
  const deltas = (replyId: string) =>
    receivedBy(plain, 'chat:delta', serverEvents['chat:delta'].payload).filter(
      (delta) => delta.replyId === replyId,
    )
  const text = (replyId: string, known = '') => joinDeltas(deltas(replyId), known)
  return {
    plain,
    userId,
    sessionId: id,
    joined,
    ask,
    say: async (content, clientMessageId) =>
      replyIdOf(dataOf(await ask('chat:message', { sessionId: id, content, clientMessageId }))),
    end: async (replyId) =>
      serverEvents['chat:response'].payload.parse(
        await plain.next('chat:response', (message) => message.id === replyId),
      ),
    responses: () => receivedBy(plain, 'chat:response', serverEvents['chat:response'].payload),
    errors: () => receivedBy(plain, 'chat:error', serverEvents['chat:error'].payload),
    turns: () => receivedBy(plain, 'chat:message', serverEvents['chat:message'].payload),
    sessions: () => receivedBy(plain, 'chat:session', serverEvents['chat:session'].payload),
    deltas,
    text,
    heard: async (replyId, wanted) => {
      await plain.next('chat:delta', () => text(replyId).startsWith(wanted))
    },
    rows: async () => dataOf(await ask('chat:history', { sessionId: id })).messages,
    close: () => plain.close(),
  }
}

/** The data of an ack that must not have failed. */
export function dataOf<T>(reply: Reply<T>): T {
  if (!reply.ok) throw new Error(`the request failed: ${JSON.stringify(reply.error)}`)
  return reply.data
}

/** The error of an ack that must have failed. */
export function errorOf<T>(reply: Reply<T>): WireError {
  if (reply.ok) throw new Error('the request should have failed')
  return reply.error
}

/** The reply of a committed turn. */
export function replyIdOf({ change }: AckData<ClientEvents, 'chat:message'>): string {
  const replyId = change.messages.find(({ sender }) => sender === 'user')?.replyId
  if (!replyId) throw new Error('the turn names no reply')
  return replyId
}

/** A message as it is stored, without what only the event that told of it carries. */
export function rowOf({ change: _, ...row }: Payload<ServerEvents, 'chat:response'>): Message {
  return row
}

/**
 * Puts deltas together as a receiver does [R2]: what is known already is skipped.
 *
 * @throws {Error} on a gap, on half a character at an edge, or on a `start` that is not where one belongs.
 */
function joinDeltas(deltas: readonly Delta[], known = ''): string {
  let text = known
  for (const [index, delta] of deltas.entries()) {
    if (delta.offset > text.length) throw new Error(`a gap before ${JSON.stringify(delta)}`)
    if (!delta.text.isWellFormed()) throw new Error(`half a character in ${JSON.stringify(delta)}`)
    if (delta.start && index > 0) throw new Error('a second start')
    text += delta.text.slice(text.length - delta.offset)
  }
  return text
}

function askVia(plain: PlainSocket): Talk['ask'] {
  return (event, payload) => request(plain.socket, clientEvents, event, payload, { timeoutMs: 12_000 })
}

function receivedBy<T extends z.ZodType>(plain: PlainSocket, event: string, schema: T): z.output<T>[] {
  return plain.frames.filter((frame) => frame.event === event).map(({ args }) => schema.parse(args[0]))
}
