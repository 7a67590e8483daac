import { expect, it } from 'vitest'
import type { ChatError } from '../src/index.ts'
import { closedGate, quick, until, useStage } from './connected.ts'
import { change, delta, sessionRow } from './rows.ts'
import { persona, Refusal } from './scripted-server.ts'

const stage = useStage()
const open = () => stage.client().join({ personaId: 'p1' })

it('[J1] events that come before the answer to the join are taken after it', async () => {
  const { server } = stage
  const gate = closedGate()
  const before = server.snapshot
  server.script = {
    'chat:join': async () => {
      await gate.opened
      return { ...before, persona, created: false }
    },
  }
  const joining = open()
  await until(() => server.payloadsOf('chat:join').length, 1)
  server.emit('chat:message', { sessionId: 's1', change: server.commit(null, 'early').change })
  server.emit('chat:delta', delta('r1', 1, 0, 'Hel', true))
  gate.open()
  const session = await joining
  expect(session.state.get()).toMatchObject({ revision: 3, need: null })
  expect(session.state.get().live.get('r1')?.text).toBe('Hel')
  expect(server.payloadsOf('chat:sync')).toEqual([])
})

it('[M3] a change that was missed is fetched by one sync from the revision that is held', async () => {
  const { server } = stage
  const session = await open()
  const missed = server.commit(null, 'missed').change
  const seen = server.commit(null, 'seen').change
  const all = change(1, 5, 'r2', [...missed.messages, ...seen.messages])
  server.script = { 'chat:sync': () => ({ reset: false, change: all, live: null }) }
  server.emit('chat:message', { sessionId: 's1', change: seen })
  await until(() => session.state.get().messages.length, 5)
  expect(session.state.get().need).toBeNull()
  expect(server.payloadsOf('chat:sync')).toEqual([{ sessionId: 's1', afterRevision: 1 }])
})

it('[R2] while a gap stays, syncs follow one another and never overlap', async () => {
  const { server } = stage
  const client = stage.client({ timing: { ...quick, gapHoldMs: 0, flushMs: 0 } })
  const session = await client.join({ personaId: 'p1' })
  await session.send('Hi')
  const gate = closedGate()
  let text = ''
  server.script = {
    'chat:sync': async ({ afterRevision }) => {
      await gate.opened
      text += 'abc'
      const same = change(afterRevision, afterRevision, 'r1', [])
      return { reset: false, change: same, live: { replyId: 'r1', epoch: 1, text } }
    },
  }
  server.emit('chat:delta', delta('r1', 1, 6, 'def'))
  await until(() => server.payloadsOf('chat:sync').length, 1)
  await session.send('more')
  await session.send('and more')
  expect(server.payloadsOf('chat:sync')).toHaveLength(1)
  gate.open()
  await until(() => session.state.get().live.get('r1')?.text, 'abcabcdef')
  expect(server.payloadsOf('chat:sync')).toHaveLength(2)
})

it('[C1] bad frames are counted, change nothing, and make the session look for what they meant', async () => {
  const { server } = stage
  const client = stage.client()
  const session = await client.join({ personaId: 'p1' })
  const before = session.state.get()
  server.emitRaw('chat:delta', { sessionId: 's1', replyId: 7 })
  server.emitRaw('chat:message', null)
  server.emitRaw('chat:response', 'text')
  await until(() => client.badFrames, 3)
  await until(() => server.payloadsOf('chat:sync').length > 0, true)
  expect(session.state.get()).toBe(before)
  server.emitRaw('chat:delta', { sessionId: 'somebody else', replyId: 7 })
  await session.send('Hi')
  expect(client.badFrames).toBe(4)
})

it('[C1] what a bad frame meant is looked for again when the server refuses the first sync', async () => {
  const { server } = stage
  const session = await open()
  server.script = {
    'chat:sync': () => {
      server.script = {}
      throw new Refusal('BUSY')
    },
  }
  server.commit(null, 'missed')
  server.emitRaw('chat:message', { sessionId: 's1', change: 'unreadable' })
  await until(() => session.state.get().messages.map((row) => row.id), ['greeting', 'm1', 'r1'])
  expect(server.payloadsOf('chat:sync')).toHaveLength(2)
})

it('an error that names a reply reaches its session, any other the client', async () => {
  const client = stage.client()
  const session = await client.join({ personaId: 'p1' })
  await session.send('Hi')
  const got: [string, ChatError][] = []
  client.onError((error) => got.push(['client', error]))
  session.onError((error) => got.push(['session', error]))
  const error = { message: 'It failed.', requestId: 'q1' }
  stage.server.emit('chat:error', { ...error, error: 'AI_UNAVAILABLE', replyId: 'r1', retryAfterMs: 7 })
  stage.server.emit('chat:error', { ...error, error: 'RATE_LIMITED' })
  await until(() => got.length, 2)
  expect(got[0]).toMatchObject(['session', { code: 'AI_UNAVAILABLE', replyId: 'r1', retryAfterMs: 7 }])
  expect(got[1]).toMatchObject(['client', { code: 'RATE_LIMITED', message: 'It failed.' }])
})

it('events of a session that is not open change nothing; its title reaches those who list sessions', async () => {
  const client = stage.client()
  const session = await client.join({ personaId: 'p1' })
  const before = session.state.get()
  const titles: (string | null)[] = []
  client.onSession(({ title }) => titles.push(title))
  stage.server.emit('chat:delta', { ...delta('r9', 1, 0, 'Hi', true), sessionId: 's9' })
  stage.server.emit('chat:session', { ...sessionRow(3, null, { title: 'Other' }), id: 's9' })
  await until(() => titles, ['Other'])
  expect(session.state.get()).toBe(before)
})

it('a session that is gone after a reconnect says so, and fails what waits', async () => {
  const { server } = stage
  const client = stage.client()
  const session = await client.join({ personaId: 'p1' })
  server.script = {
    'chat:join': () => {
      throw new Refusal('SESSION_NOT_FOUND')
    },
  }
  const gate = closedGate()
  server.admit = () => gate.opened
  server.cut()
  await until(() => client.connection.get().status, 'reconnecting')
  const sent = session.send('Hi')
  gate.open()
  await expect(sent).rejects.toMatchObject({ code: 'SESSION_NOT_FOUND' })
  expect(session.state.get().fault).toMatchObject({ code: 'SESSION_NOT_FOUND' })
  await expect(session.send('more')).rejects.toMatchObject({ code: 'SESSION_NOT_FOUND' })
  expect(client.connection.get().status).toBe('online')
})
