import {
  type ClientEvents,
  clientEvents,
  type Handlers,
  listen,
  type Received,
  send,
  serverEvents,
} from '@parley/protocol'
import type { Caller, Chat } from '../chat/chat.ts'
import { ChatFailure } from '../chat/failure.ts'
import type { Identities, Identity, Log } from '../chat/ports.ts'
import { sessionRoom, userRoom } from './broadcaster.ts'
import { EventQueue } from './event-queue.ts'
import { toWireError } from './failures.ts'
import { guardSlowSocket } from './slow-socket.ts'
import type { ChatNamespace, ChatSocket } from './socket-server.ts'

/** What the handlers need. */
export interface HandlerDeps {
  readonly chat: Chat
  readonly identities: Identities
  readonly log: Log
}

/** Answers every event of the contract on every socket. */
export function handleSockets(namespace: ChatNamespace, deps: HandlerDeps): void {
  namespace.on('connection', (socket) => {
    guardSlowSocket(socket.conn, () =>
      deps.log.warn({ socketId: socket.id }, 'a slow socket was disconnected'),
    )
    const queue = new EventQueue()
    const fail = (received: Received, cause: unknown) => {
      const error = toWireError(received, cause, deps.log)
      if (received.ack) received.ack({ ok: false, error })
      else send(socket, serverEvents, 'chat:error', error)
    }
    listen(socket, clientEvents, createHandlers(socket, deps), {
      fail,
      run: (event, received, work) => {
        // A stop overtakes: what it waits behind may be what it is to end.
        if (event === 'chat:stop') void work()
        else if (!queue.add(work)) fail(received, new ChatFailure('BUSY'))
      },
    })
  })
}

function createHandlers(
  socket: ChatSocket,
  { chat, identities }: HandlerDeps,
): Handlers<ClientEvents, [Received]> {
  let identity: Identity | null = null

  const caller = (): Caller => {
    if (!identity || hasExpired(identity)) throw new ChatFailure('NOT_AUTHENTICATED')
    return { userId: identity.userId, socketId: socket.id }
  }
  const notYet = () => {
    caller()
    throw new ChatFailure('INVALID_PAYLOAD')
  }
  const subscription = {
    add: async (sessionId: string) => {
      // A socket that is gone would stay in the room for ever.
      if (socket.connected) await socket.join(sessionRoom(sessionId))
    },
    remove: async (sessionId: string) => socket.leave(sessionRoom(sessionId)),
  }

  return {
    'chat:auth': async ({ userId, token }) => {
      const claimed = await identities.claim(userId, { headers: socket.handshake.headers, token })
      if (!claimed || (identity && identity.userId !== claimed.userId)) {
        throw new ChatFailure('NOT_AUTHENTICATED')
      }
      identity = claimed
      if (socket.connected) await socket.join(userRoom(userId))
      return claimed
    },
    'chat:join': async (payload) => {
      const joined = await chat.join(caller(), payload, subscription)
      send(socket, serverEvents, 'chat:session', joined.session)
      return joined
    },
    'chat:message': (payload) => chat.say(caller(), payload),
    'chat:stop': (payload) => chat.stop(caller(), payload),
    'chat:history': (payload) => chat.history(caller(), payload),
    'chat:sync': (payload) => chat.sync(caller(), payload),
    'chat:leave': async ({ sessionId }) => {
      caller()
      await subscription.remove(sessionId)
      return {}
    },
    'chat:regenerate': notYet,
    'chat:edit': notYet,
    'chat:select': notYet,
  }
}

const hasExpired = ({ expiresAt }: Identity) => expiresAt !== null && Date.parse(expiresAt) <= Date.now()
