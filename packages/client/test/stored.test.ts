import { expect, it } from 'vitest'
import type { OutboxStorage, StoredMessage } from '../src/index.ts'
import { until, useStage } from './connected.ts'
import { Refusal } from './scripted-server.ts'

const stage = useStage()

/** A storage that outlives clients, as a browser's does pages. */
class Shelf implements OutboxStorage {
  readonly held = new Map<string, StoredMessage>()
  claim = async (userId: string, sessionId: string) =>
    [...this.held.values()]
      .filter((message) => message.userId === userId && message.sessionId === sessionId)
      .sort((a, b) => a.place - b.place)
  freed = () => {}
  put = (message: StoredMessage) => void this.held.set(message.clientMessageId, message)
  onFreed = (listener: () => void) => {
    this.freed = listener
    return () => {
      this.freed = () => {}
    }
  }
  remove = (message: StoredMessage) => void this.held.delete(message.clientMessageId)
}

const as = (userId: string, outbox: OutboxStorage) =>
  stage.client({ outbox, credentials: async () => ({ userId }) })

/** Leaves three messages behind that were written while there was no connection. */
async function leftBehind(outbox: Shelf): Promise<void> {
  const { server } = stage
  const client = as('u1', outbox)
  const session = await client.join({ personaId: 'p1' })
  server.admit = () => new Promise(() => undefined)
  server.cut()
  await until(() => server.sockets.length, 0)
  for (const content of ['one', 'two', 'three']) session.send(content).catch(() => undefined)
  client.close()
  server.admit = async () => undefined
}

const contents = () =>
  stage.server
    .payloadsOf('chat:message')
    .map((payload) => Object.getOwnPropertyDescriptor(payload, 'content')?.value)

it('[C4] what waited when the page went is shown and sent when the session is opened again, in order, once', async () => {
  const shelf = new Shelf()
  await leftBehind(shelf)
  const ids = [...shelf.held.keys()]
  expect([...shelf.held.values()].map(({ content }) => content)).toEqual(['one', 'two', 'three'])
  const session = await as('u1', shelf).join({ personaId: 'p1' })
  expect(session.state.get().pending.map(({ content }) => content)).toEqual(['one', 'two', 'three'])
  await session.send('four')
  expect(contents()).toEqual(['one', 'two', 'three', 'four'])
  const sent = session.state.get().messages.filter(({ sender }) => sender === 'user')
  expect(sent.slice(0, 3).map((row) => row.clientMessageId)).toEqual(ids)
  expect(shelf.held.size).toBe(0)
})

it('[C4] what one person wrote never goes out as another, and stays', async () => {
  const shelf = new Shelf()
  await leftBehind(shelf)
  const session = await as('u2', shelf).join({ personaId: 'p1' })
  await session.send('mine')
  expect(contents()).toEqual(['mine'])
  expect([...shelf.held.values()].map(({ content }) => content)).toEqual(['one', 'two', 'three'])
})

it('[C4] nor when the person changes while the page is open; it is hidden until that person is back', async () => {
  const { server } = stage
  const shelf = new Shelf()
  let userId = 'u1'
  const client = stage.client({ outbox: shelf, credentials: async () => ({ userId }) })
  const session = await client.join({ personaId: 'p1' })
  server.script = {
    'chat:message': () => {
      throw new Refusal('MODERATION_FAILED')
    },
  }
  await session.send('refused').catch(() => undefined)
  server.script = {}
  const comeBackAs = async (id: string) => {
    const lines = server.lines
    userId = id
    server.cut()
    await until(() => [server.lines, client.connection.get().status], [lines + 1, 'online'])
  }
  server.cut()
  const lost = expect(session.send('mine')).rejects.toMatchObject({ code: 'SESSION_NOT_FOUND' })
  await comeBackAs('u2')
  await lost
  expect(session.state.get()).toMatchObject({ fault: { code: 'SESSION_NOT_FOUND' }, pending: [] })
  await expect(session.send('not mine')).rejects.toMatchObject({ code: 'SESSION_NOT_FOUND' })
  expect(contents()).toEqual(['refused'])
  expect([...shelf.held.values()].map(({ content, error }) => [content, error])).toEqual([
    ['refused', 'MODERATION_FAILED'],
    ['mine', null],
  ])
  await comeBackAs('u1')
  await until(() => contents(), ['refused', 'mine'])
  const shown = () => session.state.get().pending.map(({ content, status }) => [content, status])
  await until(shown, [['refused', 'failed']])
  expect(session.state.get().fault).toBeNull()
})

it('[C4] what another page left is taken in at once, without a new join, also while there is no line', async () => {
  const { server } = stage
  const shelf = new Shelf()
  const client = as('u1', shelf)
  const session = await client.join({ personaId: 'p1' })
  const left = (clientMessageId: string) => ({
    ...{ userId: 'u1', sessionId: 's1', clientMessageId, content: clientMessageId },
    ...{ replaces: null, place: 1, error: null },
  })
  shelf.put(left('one'))
  shelf.freed()
  await until(() => shelf.held.size, 0)
  let open = () => {}
  const gate = new Promise<void>((resolve) => {
    open = resolve
  })
  server.admit = () => gate
  server.cut()
  await until(() => client.connection.get().status, 'reconnecting')
  shelf.put(left('two'))
  shelf.freed()
  await until(() => session.state.get().pending.map(({ status }) => status), ['queued'])
  open()
  await until(() => shelf.held.size, 0)
  expect(contents()).toEqual(['one', 'two'])
  expect(server.payloadsOf('chat:join')).toHaveLength(2)
})

it('what waits for a session that is gone has failed, stays so over a reload, and can be forgotten', async () => {
  const { server } = stage
  const shelf = new Shelf()
  const client = as('u1', shelf)
  const session = await client.join({ personaId: 'p1' })
  server.script = {
    'chat:join': () => {
      throw new Refusal('SESSION_NOT_FOUND')
    },
  }
  server.cut()
  await expect(session.send('Hi')).rejects.toMatchObject({ code: 'SESSION_NOT_FOUND' })
  const { fault, pending } = session.state.get()
  expect(fault).toMatchObject({ code: 'SESSION_NOT_FOUND' })
  expect(pending).toMatchObject([{ content: 'Hi', status: 'failed', error: { code: 'SESSION_NOT_FOUND' } }])
  expect([...shelf.held.values()]).toMatchObject([{ content: 'Hi', error: 'SESSION_NOT_FOUND' }])
  expect(session.discard(pending[0]?.clientMessageId ?? '')).toBe(true)
  expect(shelf.held.size).toBe(0)
})

it('[M2] one that was committed before the page went is not said twice', async () => {
  const { server } = stage
  const shelf = new Shelf()
  await leftBehind(shelf)
  const [id = ''] = shelf.held.keys()
  server.commit(id, 'one')
  const session = await as('u1', shelf).join({ personaId: 'p1' })
  await until(() => shelf.held.size, 0)
  expect(contents()).toEqual(['two', 'three'])
  expect(session.state.get().pending).toEqual([])
})

it('a refused one waits for the person over a reload, then is sent again or forgotten', async () => {
  const { server } = stage
  const shelf = new Shelf()
  const first = as('u1', shelf)
  server.script = {
    'chat:message': () => {
      throw new Refusal('MODERATION_FAILED')
    },
  }
  const before = await first.join({ personaId: 'p1' })
  for (const content of ['bad', 'worse']) await before.send(content).catch(() => undefined)
  first.close()
  server.script = {}
  const session = await as('u1', shelf).join({ personaId: 'p1' })
  const { pending } = session.state.get()
  const code = 'MODERATION_FAILED'
  expect(pending).toMatchObject(
    ['bad', 'worse'].map((content) => ({ content, status: 'failed', error: { code } })),
  )
  session.discard(pending[0]?.clientMessageId ?? '')
  await session.resend(pending[1]?.clientMessageId ?? '')
  expect(shelf.held.size).toBe(0)
  expect(session.state.get().pending).toEqual([])
})

it('a storage that breaks stops nobody', async () => {
  const broken: OutboxStorage = {
    claim: () => Promise.reject(new Error('blocked')),
    put: () => undefined,
    remove: () => undefined,
  }
  const session = await as('u1', broken).join({ personaId: 'p1' })
  expect(await session.send('Hi')).toMatchObject({ id: 'm1' })
})
