import { isRetryable, WireError } from '@parley/protocol'
import { z } from 'zod'
import { connectPlain, record } from '../../test/harness/plain-socket.ts'
import type { Stage } from './stage.ts'

/** A plain socket beside the clients, which hides nothing of what the server answers. */
export interface Prober {
  /** Answers by their code. */
  readonly codes: ReadonlyMap<string, number>
  /** Answers that a server whose database is away must not give, in words. */
  readonly wrong: readonly string[]
  /** Asks everything that needs the database, and waits for every answer. */
  ask(): Promise<void>
}

const Committed = z.object({
  ok: z.literal(true),
  data: z.object({ change: z.object({ messages: z.array(z.object({ id: z.string() })) }) }),
})
const Joined = z.object({ ok: z.literal(true), data: z.object({ session: z.object({ id: z.string() }) }) })
const Refused = z.object({ ok: z.literal(false), error: WireError })

/** Connects, joins and says one thing, so that there is something to ask for. Goes with the stage. */
export async function openProber(stage: Stage, url: string, userId: string): Promise<Prober> {
  const plain = stage.add(await connectPlain(url), (it) => it.close())
  await plain.ask('chat:auth', { userId })
  const joined = Joined.parse(await plain.ask('chat:join', { personaId: 'wren' }))
  const sessionId = joined.data.session.id
  const content = `${userId} says 0`
  const said = Committed.parse(await plain.ask('chat:message', { sessionId, content }))
  const [messageId, replyId] = said.data.change.messages.map(({ id }) => id)
  await plain.next('chat:response', ({ id }) => id === replyId)
  const questions: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
    'chat:auth': { userId },
    'chat:join': { personaId: 'wren', sessionId },
    'chat:message': { sessionId, content: `${userId} says more` },
    'chat:regenerate': { sessionId, messageId: replyId },
    'chat:edit': { sessionId, messageId, content: `${userId} says else` },
    'chat:select': { sessionId, messageId: replyId },
    'chat:stop': { sessionId, replyId },
    'chat:history': { sessionId },
    'chat:sync': { sessionId, afterRevision: 0 },
  }
  const codes = new Map<string, number>()
  const wrong: string[] = []
  const askOne = async (event: string) => {
    const answer = await plain.ask(event, questions[event]).catch(() => 'nothing')
    const refused = Refused.safeParse(answer)
    const code = refused.success ? refused.data.error.error : 'none'
    codes.set(code, (codes.get(code) ?? 0) + 1)
    const isRight = refused.success && code !== 'INTERNAL' && isRetryable(refused.data.error.error)
    if (!isRight) wrong.push(`${event} was answered with ${JSON.stringify(record(answer)).slice(0, 200)}`)
  }
  const ask = async () => void (await Promise.all(Object.keys(questions).map(askOne)))
  return { codes, wrong, ask }
}
