import type { Server, Socket as ServerSocket } from 'socket.io'
import type { Socket as ClientSocket } from 'socket.io-client'
import { expectTypeOf } from 'vitest'
import {
  type AckData,
  type ClientEvents,
  type ClientToServer,
  clientEvents,
  type ErrorCode,
  type Handlers,
  listen,
  type Message,
  type Reply,
  request,
  type ServerEvents,
  type ServerToClient,
  send,
  serverEvents,
  type WireSocket,
} from '../src/index.ts'

/*
 * Checked by `tsc`, never run. Every `@ts-expect-error` stands over one fault, and one that finds
 * no fault is itself an error.
 */

declare const client: ClientSocket<ServerToClient, ClientToServer>
declare const server: Server<ClientToServer, ServerToClient>
declare const connection: ServerSocket<ClientToServer, ServerToClient>
declare const chat: Handlers<ClientEvents>
declare const page: Handlers<ServerEvents>
declare const fail: () => void

const limit = { timeoutMs: 1 }
const text = { sessionId: 's', content: 'Hello' }

export async function requestsAreTyped(): Promise<void> {
  const reply = await request(client, clientEvents, 'chat:stop', { sessionId: 's', replyId: 'r' }, limit)
  expectTypeOf(reply).toEqualTypeOf<Reply<Message>>()

  // @ts-expect-error an unknown event
  await request(client, clientEvents, 'chat:shout', text, limit)
  // @ts-expect-error an event of the other direction
  await request(client, clientEvents, 'chat:delta', text, limit)
  // @ts-expect-error a field is missing
  await request(client, clientEvents, 'chat:message', { sessionId: 's' }, limit)
  // @ts-expect-error a field has the wrong type
  await request(client, clientEvents, 'chat:message', { ...text, content: 5 }, limit)
  // @ts-expect-error a field that the event does not have
  await request(client, clientEvents, 'chat:message', { ...text, contents: 'Hello' }, limit)
  // @ts-expect-error a request without a timeout
  await request(client, clientEvents, 'chat:message', text, {})
  // @ts-expect-error the data of a reply is there only when it is ok
  reply.data
}

export function sendsAreTyped(): void {
  send(client, clientEvents, 'chat:message', text)
  send(connection, serverEvents, 'chat:delta', {
    sessionId: 's',
    replyId: 'r',
    epoch: 0,
    offset: 0,
    text: '',
  })

  // @ts-expect-error an unknown event
  send(client, clientEvents, 'chat:shout', text)
  // @ts-expect-error an event of the other direction
  send(connection, serverEvents, 'chat:auth', { userId: 'u' })
  // @ts-expect-error a wrong payload
  send(connection, serverEvents, 'chat:delta', { sessionId: 's' })
}

export function handlersAreComplete(): void {
  const { 'chat:stop': stop, ...withoutStop } = chat
  expectTypeOf(stop).returns.toEqualTypeOf<Message | Promise<Message>>()
  expectTypeOf(stop).parameter(0).toEqualTypeOf<{ sessionId: string; replyId: string }>()

  // @ts-expect-error one handler is missing
  withoutStop satisfies Handlers<ClientEvents>
  // @ts-expect-error one handler is missing
  listen(connection, clientEvents, withoutStop, { fail })
  // @ts-expect-error one handler answers with the wrong data
  listen(connection, clientEvents, { ...chat, 'chat:stop': () => ({ stopped: true }) }, { fail })
  // @ts-expect-error one handler answers with nothing
  listen(connection, clientEvents, { ...chat, 'chat:stop': () => undefined }, { fail })
  const leaveRoom = ({ room }: { room: string }) => ({ room })
  // @ts-expect-error one handler wants another payload
  listen(connection, clientEvents, { ...chat, 'chat:leave': leaveRoom }, { fail })
  // @ts-expect-error failures must go somewhere
  listen(connection, clientEvents, chat, {})

  const { 'chat:error': _, ...withoutError } = page
  // @ts-expect-error one handler is missing
  listen(client, serverEvents, withoutError, { fail })
}

export function codesAreComplete(code: ErrorCode): string {
  const complete = {
    NOT_AUTHENTICATED: 1,
    SESSION_NOT_FOUND: 1,
    MODERATION_FAILED: 1,
    PERSONA_NOT_FOUND: 1,
    MESSAGE_NOT_FOUND: 1,
    INVALID_PAYLOAD: 1,
    RATE_LIMITED: 1,
    BUSY: 1,
    AI_TIMEOUT: 1,
    AI_UNAVAILABLE: 1,
    STORAGE_UNAVAILABLE: 1,
    PROTOCOL_MISMATCH: 1,
    INTERNAL: 1,
  } satisfies Record<ErrorCode, number>
  const { BUSY: _, ...withoutBusy } = complete
  // @ts-expect-error one code is not handled
  withoutBusy satisfies Record<ErrorCode, number>

  if (code === 'BUSY') return 'wait'
  // @ts-expect-error other codes are left
  code satisfies never
  return 'else'
}

export function socketIoTakesTheTables(): void {
  expectTypeOf<Parameters<ClientToServer['chat:leave']>[0]>().toEqualTypeOf<{ sessionId: string }>()
  expectTypeOf<AckData<ServerEvents, 'chat:delta'>>().toEqualTypeOf<undefined>()

  client.emit('chat:message', text)
  client.emit('chat:message', text, (reply) => expectTypeOf(reply.ok).toEqualTypeOf<boolean>())
  client.on('chat:delta', (delta) => expectTypeOf(delta.offset).toEqualTypeOf<number>())
  server.of('/').emit('chat:session', {
    id: 's',
    personaId: 'p',
    title: null,
    revision: 0,
    activeLeafId: null,
    createdAt: '',
    updatedAt: '',
  })
  connection.on('chat:leave', (leaving, ack) => {
    expectTypeOf(leaving).toEqualTypeOf<{ sessionId: string }>()
    ack?.({ ok: true, data: {} })
    // @ts-expect-error the ack is optional on the wire
    ack({ ok: true, data: {} })
  })

  // @ts-expect-error an unknown event
  client.emit('chat:shout', text)
  // @ts-expect-error a wrong payload
  client.emit('chat:message', { content: 'Hello' })
  // @ts-expect-error an event of the other direction
  client.on('chat:auth', fail)
  // @ts-expect-error an event of the other direction
  connection.emit('chat:auth', { userId: 'u' })
}

export function bothEndsAreWireSockets(): void {
  client satisfies WireSocket
  connection satisfies WireSocket
  expectTypeOf(listen(connection, clientEvents, chat, { fail })).toEqualTypeOf<() => void>()
  expectTypeOf(listen(client, serverEvents, page, { fail })).toEqualTypeOf<() => void>()
}
