import { expect, it } from 'vitest'
import { closedGate, until, useStage } from './connected.ts'
import { delta } from './rows.ts'
import { persona } from './scripted-server.ts'

const stage = useStage()

it('[C4] authenticates, joins, sends, streams and ends; the ten-line way', async () => {
  const client = stage.client()
  const session = await client.join({ personaId: 'p1' })
  const message = await session.send('Hi')
  expect(message).toMatchObject({ content: 'Hi', id: 'm1' })
  const pieces: string[] = []
  const read = (async () => {
    for await (const piece of session.replyTo(message)) pieces.push(piece)
  })()
  stage.server.emit('chat:delta', delta('r1', 1, 0, 'Hel', true))
  await until(() => pieces.join(''), 'Hel')
  stage.server.emit('chat:delta', delta('r1', 1, 3, 'lo'))
  stage.server.finish(1, 'Hello 😀')
  await read
  expect(pieces.join('')).toBe('Hello 😀')
  expect((await session.finishedReply(message)).content).toBe('Hello 😀')
  expect(stage.server.eventsOf(1)).toEqual(['chat:auth', 'chat:join', 'chat:message'])
  expect(client.connection.get()).toMatchObject({ status: 'online', identity: { userId: 'u1' } })
})

it('[R6] stops the live reply, and has nothing to stop when there is none', async () => {
  const session = await stage.client().join({ personaId: 'p1' })
  expect(await session.stop()).toBeNull()
  await session.send('Hi')
  expect(await session.stop()).toMatchObject({ id: 'r1', content: 'Stopped.' })
  await until(() => session.state.get().revision, 4)
})

it('[R5] a reply that failed is thrown with its code where its pieces are read', async () => {
  const session = await stage.client().join({ personaId: 'p1' })
  const message = await session.send('Hi')
  const reply = { ...stage.server.finish(1, 'Half'), status: 'failed' as const }
  const end = { ...stage.server.commit('c1', '').change, messages: [], prevRevision: 4, revision: 5 }
  stage.server.emit('chat:response', { ...reply, error: 'AI_TIMEOUT', revision: 5, change: end })
  await until(() => session.state.get().messages[2]?.status, 'failed')
  const read = async () => {
    for await (const _ of session.replyTo(message));
  }
  await expect(read()).rejects.toMatchObject({ code: 'AI_TIMEOUT', retryable: true })
})

it('case a3: two joins at once and one leave: one session, still open', async () => {
  const client = stage.client()
  const joined = [client.join({ personaId: 'p1' }), client.join({ personaId: 'p1' })]
  const left = joined[0]?.then((session) => session.leave())
  const [one, two] = await Promise.all(joined)
  await left
  expect(one).toBe(two)
  expect(await two?.send('Hi')).toMatchObject({ id: 'm1' })
  expect(stage.server.eventsOf(1)).toEqual(['chat:auth', 'chat:join', 'chat:message'])
  two?.leave()
  await until(() => stage.server.payloadsOf('chat:leave'), [{ sessionId: 's1' }])
})

it('a session that is left while it is joined again stays joined', async () => {
  const { server } = stage
  const client = stage.client()
  const before = await client.join({ personaId: 'p1' })
  const gate = closedGate()
  server.script = {
    'chat:join': async () => {
      await gate.opened
      return { ...server.snapshot, persona, created: false }
    },
  }
  const joining = client.join({ personaId: 'p1' })
  await until(() => server.payloadsOf('chat:join').length, 2)
  before.leave()
  gate.open()
  const session = await joining
  expect(await session.send('Hi')).toMatchObject({ id: 'm1' })
  expect(server.payloadsOf('chat:leave')).toEqual([])
})
