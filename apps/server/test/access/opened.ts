import { z } from 'zod'
import { connectPlain, type PlainSocket, record } from '../harness/plain-socket.ts'

/** A socket that said who it is and has a session open. */
export interface Opened extends PlainSocket {
  readonly sessionId: string
}

/** Connects, by a token or to a server that trusts claims, and opens a session. */
export async function openSession(
  url: string,
  userId: string,
  request: Readonly<Record<string, unknown>> = {},
  token?: string,
): Promise<Opened> {
  const plain = await connectPlain(url)
  await must(plain, 'chat:auth', { userId, token })
  const joined = await must(plain, 'chat:join', { personaId: 'wren', ...request })
  const { session } = z.object({ session: z.object({ id: z.string() }) }).parse(joined)
  return { ...plain, sessionId: session.id }
}

const Succeeded = z.object({ ok: z.literal(true), data: z.record(z.string(), z.unknown()) })

/** Asks and gives the data of an ack that has to be a success. */
export async function must(
  plain: PlainSocket,
  event: string,
  payload: object,
): Promise<Record<string, unknown>> {
  const reply = await plain.ask(event, payload)
  const parsed = Succeeded.safeParse(reply)
  if (!parsed.success) throw new Error(`${event} failed: ${JSON.stringify(reply)}`)
  return parsed.data.data
}

/** The next `chat:error` after `act`, which sends something without an ack. */
export function errorAfter({ socket }: PlainSocket, act: () => void): Promise<Record<string, unknown>> {
  return new Promise((resolve) => {
    socket.once('chat:error', (error: unknown) => resolve(record(error)))
    act()
  })
}

const Turn = z.object({
  change: z.object({ messages: z.array(z.object({ id: z.string(), sender: z.enum(['user', 'ai']) })) }),
})

/** Says something; gives the ids of the message and of the reply that will answer it. */
export async function say(
  opened: Opened,
  content = 'Hello there',
  more: object = {},
): Promise<{ messageId: string; replyId: string }> {
  const said = await must(opened, 'chat:message', { sessionId: opened.sessionId, content, ...more })
  const { messages } = Turn.parse(said).change
  const idOf = (sender: string) => z.string().parse(messages.find((message) => message.sender === sender)?.id)
  return { messageId: idOf('user'), replyId: idOf('ai') }
}

/** Says something and waits until the reply is at its end. */
export async function converse(
  opened: Opened,
  content?: string,
  more?: object,
): Promise<{ messageId: string; replyId: string }> {
  const ids = await say(opened, content, more)
  await opened.next('chat:response', ({ id }) => id === ids.replyId)
  return ids
}
