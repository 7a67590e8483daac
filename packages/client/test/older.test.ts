import { expect, it } from 'vitest'
import { closedGate, until, useStage } from './connected.ts'
import { change, messageRow, replyRow, sessionRow } from './rows.ts'

const stage = useStage()
const open = () => stage.client().join({ personaId: 'p1' })

const newest = [messageRow('m3', 3, { parentId: 'm2' }), messageRow('m4', 4, { parentId: 'm3' })]
const older = [messageRow('m1', 1), messageRow('m2', 2, { parentId: 'm1' })]
const ids = ['m1', 'm2', 'm3', 'm4']

it('[S1] are read once for two callers, and stay over a reconnect, brought up to date by a sync', async () => {
  const { server } = stage
  server.snapshot = { session: sessionRow(4, 'm4'), messages: newest, hasMore: true, live: null }
  server.script = { 'chat:history': () => ({ messages: older, hasMore: false }) }
  const client = stage.client()
  const session = await client.join({ personaId: 'p1' })
  expect(await Promise.all([session.loadOlder(), session.loadOlder()])).toEqual([false, false])
  expect(session.state.get().messages.map((row) => row.id)).toEqual(ids)
  expect(await session.loadOlder()).toBe(false)
  expect(server.payloadsOf('chat:history')).toEqual([{ sessionId: 's1', beforeSeq: 3 }])

  const added = replyRow('m5', 5, 'm4', { status: 'complete', content: 'new' })
  const answered = { ...messageRow('m1', 1), revision: 5, siblingIds: ['m1', 'm1b'] }
  const missed = change(4, 5, 'm5', [answered, added])
  server.snapshot = { ...server.snapshot, session: missed.session, messages: [...newest, added] }
  server.script = { 'chat:sync': () => ({ reset: false, change: missed, live: null }) }
  server.cut()
  await until(() => session.state.get().messages.map((row) => row.id), [...ids, 'm5'])
  expect(session.state.get().messages[0]?.siblingIds).toEqual(['m1', 'm1b'])
  expect(session.state.get()).toMatchObject({ hasMore: false, need: null })
})

it('[S1] are read again if something changed while they were on their way', async () => {
  const { server } = stage
  server.snapshot = { session: sessionRow(4, 'm4'), messages: newest, hasMore: true, live: null }
  const gate = closedGate()
  const siblingIds = ['m2', 'm2b']
  const answered = { ...messageRow('m2', 2, { parentId: 'm1' }), revision: 5, siblingIds }
  const now = [messageRow('m1', 1), answered]
  let answers = 0
  server.script = {
    'chat:history': async () => {
      const messages = ++answers === 1 ? older : now
      await gate.opened
      return { messages, hasMore: false }
    },
  }
  const session = await open()
  const loading = session.loadOlder()
  await until(() => server.payloadsOf('chat:history').length, 1)
  const changed = change(4, 5, 'm2b', [answered, messageRow('m2b', 5, { parentId: 'm1', siblingIds })])
  const shown = { ...changed, session: sessionRow(5, 'm4') }
  server.emit('chat:message', { sessionId: 's1', change: shown })
  await until(() => session.state.get().revision, 5)
  gate.open()
  expect(await loading).toBe(false)
  expect(session.state.get().messages).toEqual([...now, ...newest])
  expect(session.state.get().rows.get('m2')).toEqual(answered)
})

it('cannot be read without a connection', async () => {
  stage.server.snapshot = { session: sessionRow(4, 'm4'), messages: newest, hasMore: true, live: null }
  const session = await open()
  stage.server.admit = () => new Promise(() => undefined)
  stage.server.cut()
  await until(() => stage.server.sockets.length, 0)
  await expect(session.loadOlder()).rejects.toMatchObject({ code: 'DISCONNECTED' })
})
