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
  put = (message: StoredMessage) => void this.held.set(message.clientMessageId, message)
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

it('[C4] nor when the person changes while the page is open', async () => {
  const { server } = stage
  const shelf = new Shelf()
  let userId = 'u1'
  const client = stage.client({ outbox: shelf, credentials: async () => ({ userId }) })
  const session = await client.join({ personaId: 'p1' })
  let open = () => {}
  server.admit = () =>
    new Promise((resolve) => {
      open = resolve
    })
  server.cut()
  await until(() => server.sockets.length, 0)
  session.send('mine').catch(() => undefined)
  userId = 'u2'
  await until(() => client.connection.get().status, 'reconnecting')
  const status = () => {
    open()
    return client.connection.get().status
  }
  await until(status, 'online')
  expect(session.state.get()).toMatchObject({ fault: { code: 'SESSION_NOT_FOUND' } })
  expect(contents()).toEqual([])
  expect([...shelf.held.values()]).toMatchObject([{ userId: 'u1', content: 'mine', error: null }])
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
