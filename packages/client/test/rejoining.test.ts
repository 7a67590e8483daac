import { expect, it } from 'vitest'
import type { ChatClient, ChatSession } from '../src/index.ts'
import { closedGate, until, useStage } from './connected.ts'
import { persona, Refusal } from './scripted-server.ts'

const stage = useStage()

type Answer = 'refused' | 'broken' | 'joined'

/** Two open sessions and a cut line; `answer` decides about every later join of the second. */
async function rejoin(answer: (bad: ChatSession) => Answer | Promise<Answer>) {
  const { server } = stage
  let cutOff: ChatSession | null = null
  server.script = {
    'chat:join': async ({ sessionId = 's1' }) => {
      const { snapshot } = server
      const { session } = snapshot
      const found = cutOff && sessionId === 's2' ? await answer(cutOff) : 'joined'
      if (found === 'refused') throw new Refusal('BUSY')
      const revision = found === 'broken' ? -1 : session.revision
      const joined = { ...session, id: sessionId, revision }
      return { ...snapshot, session: joined, persona, created: false }
    },
  }
  const client = stage.client()
  const good = await client.join({ personaId: 'p1', sessionId: 's1' })
  const bad = await client.join({ personaId: 'p1', sessionId: 's2' })
  cutOff = bad
  server.cut()
  await until(() => client.connection.get().status, 'reconnecting')
  await until(() => client.connection.get().status, 'online')
  return { client, good, bad }
}

const joinsOf = (sessionId: string) =>
  stage.server.log.filter(
    ({ event, payload, line }) =>
      event === 'chat:join' && line > 1 && JSON.stringify(payload).includes(`"${sessionId}"`),
  ).length

async function expectOneGoodLine(client: ChatClient, good: ChatSession): Promise<void> {
  expect(await good.send('Hi')).toMatchObject({ id: 'm1' })
  expect(client.connection.get()).toMatchObject({ status: 'online', error: null })
  expect(stage.server.lines).toBe(2)
}

it('[C4] a session that the server always breaks on fails alone; the connection and the rest stay', async () => {
  const { client, good, bad } = await rejoin(() => {
    throw new Refusal('INTERNAL')
  })
  const waiting = bad.send('Hello?')
  await expect(waiting).rejects.toMatchObject({ code: 'INTERNAL' })
  expect(bad.state.get().fault).toMatchObject({ code: 'INTERNAL' })
  expect(joinsOf('s2')).toBe(3)
  expect(joinsOf('s1')).toBe(1)
  await expectOneGoodLine(client, good)
})

it.each(['refused', 'broken'] as const)(
  '[C4] a session whose join is %s at first is joined later, and only then sends what waits',
  async (first) => {
    let answers = 0
    const { client, good, bad } = await rejoin(() => (++answers <= 2 ? first : 'joined'))
    const waiting = bad.send('Hello?')
    expect(bad.state.get()).toMatchObject({ fault: null, pending: [{ status: 'queued', error: null }] })
    await expectOneGoodLine(client, good)
    await waiting
    expect(joinsOf('s2')).toBe(3)
    const order = stage.server.eventsOf(2)
    expect(order.lastIndexOf('chat:join')).toBeLessThan(order.lastIndexOf('chat:message'))
    expect(bad.state.get().fault).toBeNull()
  },
)

it('[C4] without its database a server can join nothing: the connection is tried again', async () => {
  let answers = 0
  const { client } = await rejoin(() => {
    if (++answers === 1) throw new Refusal('STORAGE_UNAVAILABLE')
    return 'joined'
  })
  expect(stage.server.lines).toBe(3)
  expect(client.connection.get().status).toBe('online')
})

it('a late answer takes nothing from a session that was opened anew meanwhile', async () => {
  const gate = closedGate()
  let answers = 0
  const { client, good, bad } = await rejoin(async () => {
    answers++
    if (answers === 2) await gate.opened
    return answers === 1 ? 'refused' : 'joined'
  })
  await until(() => joinsOf('s2'), 2)
  expect(await client.join({ personaId: 'p1', sessionId: 's2' })).toBe(bad)
  expect(await bad.send('Hi')).toMatchObject({ id: 'm1' })
  gate.open()
  await good.send('What comes after the late answer')
  expect(bad.state.get()).toMatchObject({ revision: 3, fault: null })
  expect(bad.state.get().messages.map((row) => row.id)).toEqual(['greeting', 'm1', 'r1'])
})

it('a session that is left while it waits to be joined is not joined any more', async () => {
  const { client, good, bad } = await rejoin((session) => {
    session.leave()
    return 'refused'
  })
  await expectOneGoodLine(client, good)
  expect(bad.state.get().fault).toMatchObject({ code: 'DISCONNECTED' })
  expect(joinsOf('s2')).toBe(1)
})
