import { expect, it } from 'vitest'
import { describeWithPostgres, describeWithRedis } from '../services/describe-with.ts'
import { brokerOf, type Cluster, commandRedis, type Node, useClusters } from './cluster.ts'
import { freshView, openTab, type Tab, talk } from './tab.ts'

/** What happens to Redis: before, and after, the turns that nobody on the other node hears of. */
interface Mishap {
  readonly name: string
  readonly before: (cluster: Cluster) => Promise<void> | void
  readonly after: (cluster: Cluster) => Promise<void> | void
}

const mishaps: readonly Mishap[] = [
  {
    name: 'emptied while the nodes could not reach it',
    before: ({ nodes }) => nodes[1].toRedis.cut(),
    after: async ({ redis, nodes }) => {
      await commandRedis(redis.url, (client) => client.flushAll())
      nodes[1].toRedis.mend()
    },
  },
  {
    name: 'killed with -9 and started again',
    before: ({ redis }) => redis.kill9(),
    after: ({ redis }) => redis.start(),
  },
  {
    name: 'shut down and started again',
    before: ({ redis }) => redis.shutDown(),
    after: ({ redis }) => redis.start(),
  },
  {
    name: 'held up, without a word, until the nodes gave it up',
    before: async ({ redis, nodes }) => {
      redis.freeze()
      const isGivenUp = ({ parley }: Node) =>
        parley.logged.some(({ message }) => message === 'Redis cannot be reached')
      await expect.poll(() => nodes.every(isGivenUp), { timeout: 30_000 }).toBe(true)
    },
    after: ({ redis }) => redis.thaw(),
  },
]

describeWithRedis('[S1] Redis may be lost at any time', () => {
  describeWithPostgres('with two nodes', (postgres) => {
    const startCluster = useClusters(postgres)

    it.each(mishaps)('$name: every tab ends as a fresh join, without any further event', async (mishap) => {
      const cluster = await startCluster()
      const [near, far] = cluster.nodes
      const one = await openTab(near.url, 'ada', { fresh: true })
      const oneFar = await openTab(far.url, 'ada', { sessionId: one.session.id })
      const two = await openTab(far.url, 'ada', { fresh: true })
      const twoNear = await openTab(near.url, 'ada', { sessionId: two.session.id })
      const tabs = [one, oneFar, two, twoNear]
      await talk(one, 'Is anybody there?')
      await expect.poll(oneFar.shown).toEqual(one.shown())
      const titles: (string | null)[] = []
      oneFar.client.onSession(({ title }) => titles.push(title))

      await mishap.before(cluster)
      // Each node serves its own sockets meanwhile, and the other one does not hear of it.
      await talk(one, 'Said near')
      await talk(two, 'Said far')
      const three = await openTab(near.url, 'ada', { fresh: true })
      await talk(three, 'Begun meanwhile')
      expect(oneFar.shown()).not.toEqual(one.shown())
      expect(twoNear.shown()).not.toEqual(two.shown())
      await mishap.after(cluster)

      const same = async (tab: Tab, url: string) => {
        const fresh = await freshView(url, 'ada', tab)
        await expect.poll(tab.shown, { timeout: 15_000 }).toEqual(fresh)
      }
      await same(oneFar, near.url)
      await same(twoNear, far.url)
      // The list of sessions hears of what was begun elsewhere, too.
      await expect.poll(() => titles, { timeout: 15_000 }).toContain('Begun meanwhile')

      // And both nodes hear each other again.
      for (const node of cluster.nodes) {
        await expect.poll(() => brokerOf(node), { timeout: 10_000 }).toBe('up')
      }
      await talk(one, 'Near again')
      await talk(two, 'Far again')
      await expect.poll(oneFar.shown).toEqual(one.shown())
      await expect.poll(twoNear.shown).toEqual(two.shown())
      for (const { client } of [...tabs, three]) client.close()
    })
  })
})
