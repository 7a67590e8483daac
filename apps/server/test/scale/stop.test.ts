import { expect, it } from 'vitest'
import { byHand } from '../replies/by-hand.ts'
import { openTalk } from '../replies/talk.ts'
import { until } from '../replies/until.ts'
import { describeWithPostgres, describeWithRedis } from '../services/describe-with.ts'
import { brokerOf, type Cluster, useClusters } from './cluster.ts'

/** A reply that the first node writes, as a socket on the second one sees it. */
async function half({ model, nodes }: Cluster) {
  const hand = byHand()
  model.behave(hand.behaviour)
  const here = await openTalk(nodes[0].url)
  const there = await openTalk(nodes[1].url, { userId: here.userId, sessionId: here.sessionId })
  const replyId = await here.say('Tell me')
  const answer = await hand.next()
  answer.say('The first half')
  await here.heard(replyId, 'The first half')
  return { here, there, replyId, answer, stop: { sessionId: here.sessionId, replyId } }
}

describeWithRedis('[R6] a stop through the node that does not write', () => {
  describeWithPostgres('with two nodes', (postgres) => {
    const startCluster = useClusters(postgres)

    it('reaches the writer over the broker: it hears of it while the database is away for it', async () => {
      const cluster = await startCluster()
      const { here, there, replyId, answer, stop } = await half(cluster)
      const [writer] = cluster.nodes
      // From here on no flush can tell it.
      writer.toDatabase.cut()
      const stopping = there.ask('chat:stop', stop)
      expect(await answer.request.ended).toBe('left')
      writer.toDatabase.mend()
      const stopped = await stopping
      const end = await here.end(replyId)
      expect(end).toMatchObject({ status: 'stopped', content: 'The first half' })
      expect(stopped).toMatchObject({ ok: true, data: { id: replyId, content: 'The first half' } })
      here.close()
      there.close()
    })

    it('reaches the writer by its next flush while Redis is away', async () => {
      const cluster = await startCluster()
      const { here, there, replyId, answer, stop } = await half(cluster)
      await cluster.redis.kill9()
      for (const node of cluster.nodes) await until(async () => (await brokerOf(node)) === 'down')
      const stopped = await there.ask('chat:stop', stop)
      expect(await answer.request.ended).toBe('left')
      expect(stopped).toMatchObject({ ok: true, data: { id: replyId, status: 'stopped' } })
      expect(await here.end(replyId)).toMatchObject({ status: 'stopped', content: 'The first half' })
      here.close()
      there.close()
    })
  })
})
