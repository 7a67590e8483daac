import { expect, it } from 'vitest'
import { type Parley, startParley } from '../harness/parley.ts'
import { record } from '../harness/plain-socket.ts'
import { describeWithPostgres, describeWithRedis } from '../services/describe-with.ts'
import { startRedis } from '../services/redis.ts'
import { converse, type Opened, openSession, say } from './opened.ts'

const openOn = async (...nodes: Parley[]): Promise<Opened[]> => {
  const [first, ...others] = nodes
  if (!first) return []
  const opened = await openSession(first.url, 'ada')
  const { sessionId } = opened
  return [opened, ...(await Promise.all(others.map(({ url }) => openSession(url, 'ada', { sessionId }))))]
}
const broker = async ({ url }: Parley) => {
  const response = await fetch(`${url}/readyz`)
  return { status: response.status, body: await response.json() }
}
const up = { status: 200, body: { ready: true, broker: 'up', database: 'up', shuttingDown: false } }
const down = { status: 200, body: { ...up.body, broker: 'down' } }

/** Everything that a socket hears of a turn that another one took, as a plain client would put it together. */
const expectTurn = async (listener: Opened, replyId: string) => {
  await listener.next('chat:message', (turn) => JSON.stringify(turn).includes(replyId))
  await listener.next('chat:delta', (delta) => delta.replyId === replyId)
  const response = await listener.next('chat:response', ({ id }) => id === replyId)
  const text = listener.frames
    .filter(({ event, args }) => event === 'chat:delta' && JSON.stringify(args).includes(replyId))
    .map(({ args }) => record(args[0]).text)
  expect(text.join('')).toBe(response.content)
  expect(response.content).not.toBe('')
}

// The shared Redis shows that one is installed; the tests that stop it start one of their own.
describeWithRedis('case a8: two processes on one broker', (redis) => {
  describeWithPostgres('and one database', (postgres) => {
    const startTwo = async (redisUrl: string): Promise<[Parley, Parley]> => {
      const url = await postgres.createDatabase()
      const env = { DATABASE_URL: url, REDIS_URL: redisUrl, TRUST_CLIENT_USER_ID: '1' }
      return [await startParley({ env }), await startParley({ env })]
    }

    it('a turn through one node reaches a socket on the other, whole and in order', async () => {
      const nodes = await startTwo(redis.url)
      const [here, there] = await openOn(...nodes)
      if (!here || !there) throw new Error('both are open')
      for (const node of nodes) expect(await broker(node)).toEqual(up)
      await expectTurn(there, (await converse(here)).replyId)
      await expectTurn(here, (await converse(there, 'And back')).replyId)
      // A new title is told to everything that the person has open, on every node.
      expect(await there.next('chat:session', ({ title }) => title === 'Hello there')).toBeTruthy()
      here.close()
      there.close()
      await Promise.all(nodes.map((node) => node.remove()))
    })

    it('a stop on one node ends a reply that the other one writes', async () => {
      const nodes = await startTwo(redis.url)
      const [here, there] = await openOn(...nodes)
      if (!here || !there) throw new Error('both are open')
      const { replyId } = await say(here, 'Tell me of a bug, at length')
      await there.next('chat:delta', (delta) => delta.replyId === replyId)
      const stopped = await there.ask('chat:stop', { sessionId: there.sessionId, replyId })
      expect(stopped).toMatchObject({ ok: true, data: { id: replyId, status: 'stopped' } })
      const ended = await here.next('chat:response', ({ id }) => id === replyId)
      expect(stopped).toMatchObject({ data: { content: ended.content } })
      here.close()
      there.close()
      await Promise.all(nodes.map((node) => node.remove()))
    })

    it('case a8: Redis dies: each node serves its own sockets and stays ready; it returns: both hear each other', async () => {
      const own = await startRedis()
      const nodes = await startTwo(own.url)
      const [near, far] = nodes
      const [here, beside, there] = await openOn(near, near, far)
      if (!here || !beside || !there) throw new Error('all are open')
      await expectTurn(there, (await converse(here)).replyId)

      await own.kill9()
      for (const node of nodes) await expect.poll(() => broker(node), { timeout: 10_000 }).toEqual(down)
      const missed = await converse(here, 'Anybody still there?')
      await expectTurn(beside, missed.replyId)
      expect(JSON.stringify(there.frames)).not.toContain(missed.replyId)
      const late = await openSession(far.url, 'ada', { sessionId: here.sessionId })
      const page = await late.ask('chat:history', { sessionId: here.sessionId })
      expect(JSON.stringify(page)).toContain(missed.replyId)

      await own.start()
      for (const node of nodes) await expect.poll(() => broker(node), { timeout: 10_000 }).toEqual(up)
      await expectTurn(there, (await converse(here, 'And now?')).replyId)
      await expectTurn(here, (await converse(there, 'Yes')).replyId)
      for (const plain of [here, beside, there, late]) plain.close()
      await Promise.all(nodes.map((node) => node.remove()))
      await own.stop()
    })
  })
})
