import { randomUUID } from 'node:crypto'
import { io } from 'socket.io-client'
import { type Program, startProgram } from './setting.ts'

/** A server in a process of its own, and where it listens. */
export interface Server {
  readonly program: Program
  readonly url: string
}

/** Starts a server that takes its clients at their word. */
export async function startServer(env: Readonly<Record<string, string>>): Promise<Server> {
  const own = { PORT: '0', OPENAI_MODEL: 'bench', TRUST_CLIENT_USER_ID: '1', NODE_ENV: 'development' }
  const program = await startProgram('../src/main.ts', /ready at/, [], { ...own, ...env })
  return { program, url: `http://127.0.0.1:${/localhost:(\d+)/.exec(program.line)?.[1]}` }
}

/** A plain socket with a session open. */
export interface Window {
  readonly sessionId: string
  /** Says something and waits for the reply's end here and in `other`; gives the time of the first delta there. */
  firstToken(content: string, other?: Window): Promise<number>
  /** When the next delta comes and when the reply is over. */
  reply(): { readonly first: Promise<number>; readonly end: Promise<unknown> }
  close(): void
}

/** Opens the newest session with a persona. */
export async function openWindow(url: string, userId: string): Promise<Window> {
  const socket = io(`${url}/chat`, { transports: ['websocket'], forceNew: true })
  await new Promise<void>((resolve) => socket.once('connect', () => resolve()))
  await socket.emitWithAck('chat:auth', { userId })
  const joined = await socket.emitWithAck('chat:join', { personaId: 'wren' })
  const sessionId: string = joined.data.session.id
  const window: Window = {
    sessionId,
    reply: () => ({
      first: new Promise((resolve) => socket.once('chat:delta', () => resolve(performance.now()))),
      end: new Promise((resolve) => socket.once('chat:response', resolve)),
    }),
    firstToken: async (content, other = window) => {
      const [here, there] = [window.reply(), other.reply()]
      const start = performance.now()
      socket.emit('chat:message', { sessionId, content, clientMessageId: randomUUID() }, () => {})
      await Promise.all([here.end, there.end])
      return (await there.first) - start
    },
    close: () => socket.disconnect(),
  }
  return window
}
