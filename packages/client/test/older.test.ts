import { expect, it } from 'vitest'
import { until, useStage } from './connected.ts'
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

it('cannot be read without a connection', async () => {
  stage.server.snapshot = { session: sessionRow(4, 'm4'), messages: newest, hasMore: true, live: null }
  const session = await open()
  stage.server.admit = () => new Promise(() => undefined)
  stage.server.cut()
  await until(() => stage.server.sockets.length, 0)
  await expect(session.loadOlder()).rejects.toMatchObject({ code: 'DISCONNECTED' })
})
