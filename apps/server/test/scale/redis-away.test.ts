import { once } from 'node:events'
import { createServer } from 'node:net'
import { setTimeout } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { STREAM } from '../../src/realtime/stream.ts'
import { describeWithPostgres, describeWithRedis } from '../services/describe-with.ts'
import { brokerOf, type Cluster, commandRedis, useClusters } from './cluster.ts'
import { openTab, talk } from './tab.ts'

/** How long calls are counted, in milliseconds. */
const WINDOW_MS = 4_000

/** A port that takes every connection and ends it at once, as a proxy whose server is away. */
async function slamDoor(port: number): Promise<{ readonly count: () => number; close(): Promise<unknown> }> {
  let count = 0
  const server = createServer((socket) => {
    count++
    socket.on('error', () => {})
    socket.destroy()
  }).listen(port, '127.0.0.1')
  await once(server, 'listening')
  return { count: () => count, close: () => once(server.close(), 'close') }
}

/** Commands of one kind that Redis was given, refused ones included. */
const callsOf = (url: string, command: string) =>
  commandRedis(url, async (client) => {
    const line = new RegExp(`cmdstat_${command}:calls=(\\d+)`).exec(await client.info('commandstats'))
    return Number(line?.[1] ?? 0)
  })

/** Both nodes serve their own sockets and hear each other. */
async function expectTogether({ nodes: [near, far] }: Cluster): Promise<void> {
  for (const node of [near, far]) await expect.poll(() => brokerOf(node), { timeout: 15_000 }).toBe('up')
  const here = await openTab(near.url, 'ada')
  const there = await openTab(far.url, 'ada', { sessionId: here.session.id })
  await talk(here, 'Over there?')
  await expect.poll(there.shown, { timeout: 10_000 }).toEqual(here.shown())
  here.client.close()
  there.client.close()
}

describeWithRedis('case a8: a Redis that is of no use', () => {
  describeWithPostgres('with two nodes', (postgres) => {
    const startCluster = useClusters(postgres)

    it('is asked for more and more seldom; each node serves its own; afterwards all is as before', async () => {
      const cluster = await startCluster()
      await expectTogether(cluster)
      await cluster.redis.kill9()
      const door = await slamDoor(Number(new URL(cluster.redis.url).port))
      await setTimeout(WINDOW_MS)
      // Two nodes with three connections each: eight tries of each in this time, and not thousands.
      expect(door.count()).toBeGreaterThan(0)
      expect(door.count()).toBeLessThan(6 * 12)
      for (const { url } of cluster.nodes) {
        expect(await brokerOf({ url })).toBe('down')
        const tab = await openTab(url, 'bob')
        await talk(tab, 'Still here?')
        tab.client.close()
      }
      await door.close()
      await cluster.redis.start()
      await expectTogether(cluster)
    })

    it('is not asked again at once for what it refuses; readiness says so', async () => {
      const cluster = await startCluster()
      await expectTogether(cluster)
      const { url } = cluster.redis
      await commandRedis(url, (client) => client.set(STREAM, 'no stream'))
      const tab = await openTab(cluster.nodes[0].url, 'bob')
      await talk(tab, 'Does it take this?')
      tab.client.close()
      await expect.poll(() => brokerOf(cluster.nodes[0])).toBe('down')
      const kinds = ['exists', 'xinfo|groups', 'xread', 'xadd']
      const count = async () => {
        const calls = await Promise.all(kinds.map((kind) => callsOf(url, kind.replace('|', '\\|'))))
        return calls.reduce((sum, calls) => sum + calls, 0)
      }
      const before = await count()
      await setTimeout(WINDOW_MS)
      // Two questions every half second on each node, and one try to publish a second.
      expect((await count()) - before).toBeLessThan(60)
      await commandRedis(url, (client) => client.del(STREAM))
      await expectTogether(cluster)
    })
  })
})
