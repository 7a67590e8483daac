import { createServer } from 'node:http'
import {
  CHAT_NAMESPACE,
  type Change,
  type ClientEvents,
  type ClientToServer,
  clientEvents,
  type EventName,
  type Handlers,
  listen,
  type Message,
  type PayloadIn,
  type Received,
  type ServerEvents,
  type ServerToClient,
  type Snapshot,
  type WireError,
} from '@parley/protocol'
import { Server, type Socket } from 'socket.io'
import { change, greeted, replyRow, turn } from './rows.ts'

type ChatSocket = Socket<ClientToServer, ServerToClient>
type Script = Partial<Handlers<ClientEvents, [Received]>>

/** A failure that a script throws; the ack carries it. */
export class Refusal extends Error {
  readonly error: WireError['error']
  readonly more: Pick<WireError, 'retryAfterMs'>

  constructor(error: WireError['error'], more: Pick<WireError, 'retryAfterMs'> = {}) {
    super(error)
    this.error = error
    this.more = more
  }
}

/** Whom the server's one session is with. */
export const persona = {
  id: 'p1',
  name: 'P',
  pitch: '',
  greeting: 'Hello.',
  picture: '/p1.svg',
  versionId: 'v1',
}

/** A Socket.IO server with one session in memory, of which a test can replace any answer. */
export class ScriptedServer {
  /** Every event that arrived, with the number of its connection from 1. */
  readonly log: { readonly line: number; readonly event: string; readonly payload: unknown }[] = []
  /** Answers that replace the ordinary ones. */
  script: Script = {}
  /** Runs before a connection is let in; an `Error` that it throws refuses it. */
  admit: () => Promise<void> = async () => undefined
  lines = 0
  snapshot: Snapshot = greeted()
  readonly #http = createServer()
  readonly #io = new Server<ClientToServer, ServerToClient>(this.#http)
  readonly #turns = new Map<string, Change>()

  async start(): Promise<void> {
    const chat = this.#io.of(CHAT_NAMESPACE)
    chat.use((_socket, next) => void this.admit().then(() => next(), next))
    chat.on('connection', (socket) => this.#serve(socket, ++this.lines))
    await new Promise<void>((resolve) => this.#http.listen(0, '127.0.0.1', resolve))
  }

  get url(): string {
    const address = this.#http.address()
    if (address === null || typeof address === 'string') throw new Error('not listening')
    return `http://127.0.0.1:${address.port}`
  }

  get sockets(): ChatSocket[] {
    return [...this.#io.of(CHAT_NAMESPACE).sockets.values()]
  }

  async stop(): Promise<void> {
    await this.#io.close()
  }

  /** Names of the events of one connection, in order of arrival. */
  eventsOf(line: number): string[] {
    return this.log.filter((entry) => entry.line === line).map((entry) => entry.event)
  }

  payloadsOf(event: string): unknown[] {
    return this.log.filter((entry) => entry.event === event).map((entry) => entry.payload)
  }

  emit<E extends EventName<ServerEvents>>(event: E, payload: PayloadIn<ServerEvents, E>): void {
    this.emitRaw(event, payload)
  }

  /** Anything at all, also what the contract does not allow. */
  emitRaw(event: string, payload: unknown): void {
    const target: { emit(event: string, payload: unknown): unknown } = this.#io.of(CHAT_NAMESPACE)
    target.emit(event, payload)
  }

  /** Cuts every connection without a word. */
  cut(): void {
    for (const socket of this.sockets) socket.conn.close(true)
  }

  /** Commits a turn, or finds the one of this id. */
  commit(clientMessageId: string | null, content: string): { change: Change; duplicate: boolean } {
    const earlier = clientMessageId === null ? undefined : this.#turns.get(clientMessageId)
    if (earlier) return { change: earlier, duplicate: true }
    const { revision, activeLeafId } = this.snapshot.session
    const n = this.#turns.size + 1
    const committed = turn(n, revision, activeLeafId ?? '', { clientMessageId, content })
    this.#turns.set(clientMessageId ?? `unnamed ${n}`, committed)
    this.apply(committed)
    return { change: committed, duplicate: false }
  }

  /** Ends the reply of a turn and tells everybody. */
  finish(n: number, content: string): Message {
    const { revision, activeLeafId } = this.snapshot.session
    const seq = this.snapshot.messages.find((row) => row.id === `r${n}`)?.seq ?? 0
    const over = { content, status: 'complete' as const, revision: revision + 1 }
    const reply = replyRow(`r${n}`, seq, `m${n}`, over)
    const ended = change(revision, revision + 1, activeLeafId ?? '', [reply])
    this.apply(ended)
    this.emit('chat:response', { ...reply, change: { ...ended, messages: [] } })
    return reply
  }

  /** Makes a change the truth of every later join. */
  apply(committed: Change): void {
    const rows = new Map(this.snapshot.messages.map((row) => [row.id, row]))
    for (const row of committed.messages) rows.set(row.id, row)
    this.snapshot = { ...this.snapshot, session: committed.session, messages: [...rows.values()] }
  }

  #serve(socket: ChatSocket, line: number): void {
    socket.onAny((event, payload) => this.log.push({ line, event, payload }))
    listen(socket, clientEvents, this.#handlers(), {
      fail: ({ event, ack }, cause) => {
        const { error, more } = cause instanceof Refusal ? cause : new Refusal('INTERNAL')
        ack?.({ ok: false, error: { error, message: `Refused: ${error}.`, event, requestId: 'q1', ...more } })
      },
    })
  }

  #handlers(): Handlers<ClientEvents, [Received]> {
    const never = () => {
      throw new Refusal('INTERNAL')
    }
    const ordinary: Handlers<ClientEvents, [Received]> = {
      'chat:auth': ({ userId }) => ({ userId, guest: true, expiresAt: null }),
      'chat:join': () => ({ ...this.snapshot, persona, created: false }),
      'chat:message': ({ content, clientMessageId }) => this.commit(clientMessageId ?? null, content),
      'chat:stop': () => this.finish(1, 'Stopped.'),
      'chat:sync': () => ({ ...this.snapshot, reset: true }),
      'chat:history': () => ({ messages: [], hasMore: false }),
      'chat:leave': () => ({}),
      'chat:regenerate': never,
      'chat:edit': never,
      'chat:select': never,
    }
    return { ...ordinary, ...this.#scripted(ordinary) }
  }

  /** Looks the script up for each event, so that a test can change it on a live connection. */
  #scripted(ordinary: Handlers<ClientEvents, [Received]>): Script {
    return {
      'chat:auth': (payload, received) =>
        (this.script['chat:auth'] ?? ordinary['chat:auth'])(payload, received),
      'chat:join': (payload, received) =>
        (this.script['chat:join'] ?? ordinary['chat:join'])(payload, received),
      'chat:message': (payload, received) =>
        (this.script['chat:message'] ?? ordinary['chat:message'])(payload, received),
      'chat:sync': (payload, received) =>
        (this.script['chat:sync'] ?? ordinary['chat:sync'])(payload, received),
      'chat:history': (payload, received) =>
        (this.script['chat:history'] ?? ordinary['chat:history'])(payload, received),
      'chat:edit': (payload, received) =>
        (this.script['chat:edit'] ?? ordinary['chat:edit'])(payload, received),
      'chat:regenerate': (payload, received) =>
        (this.script['chat:regenerate'] ?? ordinary['chat:regenerate'])(payload, received),
      'chat:select': (payload, received) =>
        (this.script['chat:select'] ?? ordinary['chat:select'])(payload, received),
    }
  }
}
