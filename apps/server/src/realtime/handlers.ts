import {
  type ClientEvents,
  clientEvents,
  firstCodePoints,
  type Handlers,
  limits,
  listen,
  type Received,
  type Reply,
  send,
  serverEvents,
  WireFault,
} from '@parley/protocol'
import type { Branches } from '../chat/branches.ts'
import type { Caller, Chat } from '../chat/chat.ts'
import { ChatFailure } from '../chat/failure.ts'
import type { Identities, Identity, Log } from '../chat/ports.ts'
import { type Allowance, createAllowance } from './allowance.ts'
import { EventPool, EventQueue } from './event-queue.ts'
import { toWireError } from './failures.ts'
import type { Limiter } from './limiter.ts'
import { loginRoom, sessionRoom, userRoom } from './rooms.ts'
import { guardSlowSocket } from './slow-socket.ts'
import type { ChatNamespace, ChatSocket } from './socket-server.ts'

/** What the handlers need. */
export interface HandlerDeps {
  readonly chat: Chat
  readonly branches: Branches
  readonly identities: Identities
  readonly limiter: Limiter
  readonly log: Log
}

/** Answers every event of the contract on every socket. */
export function handleSockets(namespace: ChatNamespace, deps: HandlerDeps): void {
  const guarded = new WeakSet<object>()
  namespace.on('connection', (socket) => {
    // A connection may enter the namespace again and again.
    if (!guarded.has(socket.conn)) {
      guarded.add(socket.conn)
      guardSlowSocket(socket.conn, () =>
        deps.log.warn({ socketId: socket.id }, 'a slow socket was disconnected'),
      )
    }
    const queue = new EventQueue()
    const stops = new EventPool()
    const fail = (received: Received, cause: unknown) => {
      const error = toWireError(received, cause, deps.log)
      if (received.ack) received.ack({ ok: false, error })
      else send(socket, serverEvents, 'chat:error', error)
    }
    const allowance = createAllowance(socket, deps.limiter)
    const counted = (received: Received, work: () => Promise<void>) => () =>
      allowance.event().then(work, (cause: unknown) => fail(received, cause))
    listen(socket, clientEvents, createHandlers(socket, allowance, deps), {
      fail,
      run: (event, received, work) => {
        // A stop overtakes: what it waits behind may be what it is to end.
        const taken = event === 'chat:stop' ? stops.add(work) : queue.add(counted(received, work))
        if (!taken) fail(received, new ChatFailure('BUSY'))
      },
    })
    // The library lets numbers through as names, whatever its types say.
    socket.onAny((name: unknown, ...args: unknown[]) => {
      const event = String(name)
      if (Object.hasOwn(clientEvents, event)) return
      const received = unknownEvent(event, args)
      void counted(received, async () => fail(received, UNKNOWN))()
    })
  })
}

const UNKNOWN = new WireFault('invalid', 'is not of an event of this protocol')

/** An event outside the contract; it is answered as every other, so that nobody waits for it [C2]. */
function unknownEvent(event: string, args: readonly unknown[]): Received {
  const last = args.at(-1)
  const ack = typeof last === 'function' ? (reply: Reply<unknown>) => void last(reply) : undefined
  return { event: firstCodePoints(event.toWellFormed(), limits.idLength), raw: undefined, ack }
}

function createHandlers(
  socket: ChatSocket,
  allowance: Allowance,
  { chat, branches, identities }: HandlerDeps,
): Handlers<ClientEvents, [Received]> {
  let identity: Identity | null = null

  const caller = (): Caller => {
    if (!identity || hasExpired(identity)) throw new ChatFailure('NOT_AUTHENTICATED')
    return { userId: identity.userId, socketId: socket.id }
  }
  const sender = async (): Promise<Caller> => {
    await allowance.send(caller().userId)
    return caller()
  }
  const subscription = {
    add: async (sessionId: string) => {
      const room = sessionRoom(sessionId)
      if (socket.rooms.has(room)) return false
      await socket.join(room)
      return true
    },
    remove: async (sessionId: string) => socket.leave(sessionRoom(sessionId)),
  }

  return {
    'chat:auth': async ({ userId, token }) => {
      const claimed = await identities.claim(userId, { headers: socket.handshake.headers, token })
      if (!claimed || (identity && identity.userId !== claimed.userId)) {
        throw new ChatFailure('NOT_AUTHENTICATED')
      }
      const { loginId, ...shown } = claimed
      // Whoever shows another credential rests on that one from now on.
      if (identity?.loginId && identity.loginId !== loginId) await socket.leave(loginRoom(identity.loginId))
      allowance.open(claimed.userId)
      identity = claimed
      socket.data.endsAt = loginId === null ? endOf(claimed) : null
      await socket.join(loginId === null ? userRoom(userId) : [userRoom(userId), loginRoom(loginId)])
      return shown
    },
    'chat:join': async (payload) => {
      const joined = await chat.join(caller(), payload, subscription)
      send(socket, serverEvents, 'chat:session', joined.session)
      return joined
    },
    'chat:message': async (payload) => chat.say(await sender(), payload),
    'chat:stop': async (payload) => {
      await allowance.stop(caller().userId)
      return chat.stop(caller(), payload)
    },
    'chat:regenerate': async (payload) => branches.regenerate(await sender(), payload),
    'chat:edit': async (payload) => branches.edit(await sender(), payload),
    'chat:select': (payload) => branches.select(caller(), payload),
    'chat:history': (payload) => chat.history(caller(), payload),
    'chat:sync': (payload) => chat.sync(caller(), payload),
    'chat:leave': async ({ sessionId }) => {
      caller()
      await subscription.remove(sessionId)
      return {}
    },
  }
}

const endOf = ({ expiresAt }: Identity) => (expiresAt === null ? null : Date.parse(expiresAt))

function hasExpired(identity: Identity): boolean {
  const end = endOf(identity)
  return end !== null && end <= Date.now()
}
