import { type ChatSession, guestCredentials } from '@parley/client'
import type { Message } from '@parley/protocol'
import { expect, it } from 'vitest'
import { type Behaviour, chat, say } from '../model-server/behaviour.ts'
import { openClient, until } from '../process/people.ts'
import { TIMEOUT_MS } from '../process/server-process.ts'
import { describeFleet, GUESTS, type Node } from './fleet.ts'

/** Longer to say than a server in development waits for when it is told to end. */
const LONG = Array.from({ length: 20 }, (_, n) => `slowly-${n}`).join(' ')

/** Repeats what it is told, at the pace that the words ask for. */
const paced: Behaviour = chat('paced echo', (exchange) => {
  const asked = exchange.request.body.messages.at(-1)?.content ?? ''
  return say(`You said: ${asked}`, { delayMs: asked === LONG ? 250 : 60 }).answer(exchange)
})

describeFleet('[S2] a rolling restart under traffic', (start) => {
  it('case j1: [M2] [R4] loses nothing, doubles nothing and leaves no reply without its end', {
    timeout: 4 * TIMEOUT_MS,
  }, async () => {
    const { url, nodes, model } = await start(GUESTS)
    model.behave(paced)
    const transports = ['websocket', 'websocket', 'websocket', 'polling', 'polling'] as const
    const talkers = await Promise.all(transports.map((transport) => openTalker(url, transport)))
    await everybodyGoesOn(talkers)
    const handedOver = []
    for (const node of nodes) {
      handedOver.push(await speakTo(node))
      const ended = node.process().end('SIGTERM')
      await everybodyGoesOn(talkers)
      await ended
      await everybodyGoesOn(talkers)
      await node.start()
      await everybodyGoesOn(talkers)
    }
    await Promise.all(talkers.map((talker) => talker.finish()))
    const ends = await Promise.all(model.requests.map(({ ended }) => ended))
    expect(ends.filter((end) => end === 'left').length).toBeGreaterThanOrEqual(nodes.length)
    for (const { session, asked } of handedOver) {
      const reply = await session.finishedReply(asked)
      expect(reply).toMatchObject({ status: 'complete', content: `You said: ${LONG}` })
    }
    for (const talker of talkers) await expectConversation(talker, url)
  })
})

interface Talker {
  readonly credentials: ReturnType<typeof guestCredentials>
  readonly session: ChatSession
  /** What it said and was told is stored, in order. */
  readonly said: readonly string[]
  /** Says nothing more and waits for the answers. */
  finish(): Promise<void>
}

/** A guest who says one thing after another, as fast as the answers come. */
async function openTalker(url: string, transport: 'websocket' | 'polling'): Promise<Talker> {
  const credentials = guestCredentials(url)
  const client = openClient(url, credentials, {}, { transports: [transport] })
  const session = await client.join({ personaId: 'wren' })
  const said: string[] = []
  let over = false
  const talk = async () => {
    while (!over) {
      const content = `${transport} number ${said.length}`
      const message = await session.send(content)
      said.push(content)
      await session.finishedReply(message)
    }
  }
  const talking = talk()
  talking.catch(() => undefined)
  return {
    credentials,
    session,
    said,
    finish: () => {
      over = true
      return talking
    },
  }
}

/** Waits until each of them has had more answers. */
async function everybodyGoesOn(talkers: readonly Talker[]): Promise<void> {
  const before = talkers.map(({ said }) => said.length)
  await until(() => talkers.every(({ said }, index) => said.length >= (before[index] ?? 0) + 2), TIMEOUT_MS)
}

/** Somebody right at this server, whose reply is longer than the server will live. */
async function speakTo(node: Node): Promise<{ session: ChatSession; asked: Message }> {
  const patient = { reconnectAttempts: 1_000, reconnectMaxMs: 500 }
  const session = await openClient(node.url, guestCredentials(node.url), patient).join({ personaId: 'wren' })
  const asked = await session.send(LONG)
  await until(() => session.state.get().live.size > 0)
  return { session, asked }
}

/** What a page that is opened now shows: everything that was said, once and in order, each with its answer. */
async function expectConversation({ credentials, session, said }: Talker, url: string): Promise<void> {
  const fresh = await openClient(url, credentials).join({ personaId: 'wren' })
  for (const each of [fresh, session]) while (await each.loadOlder());
  const [, ...turns] = fresh.state.get().messages
  const expected = said.flatMap((content) => [content, `You said: ${content}`])
  expect(turns.map(({ content }) => content)).toEqual(expected)
  expect(new Set(turns.map(({ status }) => status))).toEqual(new Set(['complete']))
  expect(session.state.get().messages).toEqual(fresh.state.get().messages)
}
