import {
  type ChatClient,
  type ChatClientOptions,
  type Credentials,
  createChatClient,
  type Timing,
} from '@parley/client'
import { onTestFinished, vi } from 'vitest'
import { connectPlain, type PlainSocket } from '../harness/plain-socket.ts'

/** Signs in by name, on a server that trusts names. */
export const named =
  (userId = 'ada') =>
  async (): Promise<Credentials> => ({ userId })

/** A chat client that ends with the test. */
export function openClient(
  url: string,
  credentials: () => Promise<Credentials>,
  timing: Partial<Timing> = {},
  options: Partial<ChatClientOptions> = {},
): ChatClient {
  const client = createChatClient({ url, credentials, timing, ...options })
  onTestFinished(() => client.close())
  return client
}

/** A plain socket that has joined a persona, and the session's id. */
export interface Visitor extends PlainSocket {
  readonly sessionId: string
}

/** Connects a plain socket, signs in by name and joins. */
export async function openVisitor(
  url: string,
  userId = 'ada',
  options: Parameters<typeof connectPlain>[1] = {},
): Promise<Visitor> {
  const socket = await connectPlain(url, options)
  onTestFinished(() => socket.close())
  socket.socket.emit('chat:auth', { userId })
  socket.socket.emit('chat:join', { personaId: 'wren' })
  const session = await socket.next('chat:session')
  return { ...socket, sessionId: String(session.id) }
}

/** Waits until something holds. */
export function until(holds: () => boolean | Promise<boolean>, timeout = 30_000): Promise<unknown> {
  return vi.waitUntil(holds, { timeout, interval: 20 })
}
