import { limits } from '@parley/protocol'
import pg from 'pg'
import { expect, it } from 'vitest'
import { describeWithPostgres } from '../services/describe-with.ts'
import { idle, saidHalf, saved, useNodes } from './nodes.ts'
import { openTalk } from './talk.ts'
import { until } from './until.ts'

/** How often a node looks for replies to take over, in milliseconds. */
const TRY_MS = 200

describeWithPostgres('[R4] a reply in a rolling restart', (postgres) => {
  const nodes = useNodes(postgres)

  it('[S2] is handed over more often than it may be begun, and still finished', async () => {
    const { model, url, env, first, second } = await nodes.stage({}, idle)
    const { hand, owner, replyId } = await saidHalf(first, second, model)
    let leaving = first
    for (let handover = 1; handover <= limits.replyAttempts + 1; handover++) {
      const next = await nodes.node(url, env)
      await leaving.close()
      const answer = await hand.next()
      answer.say(`after ${handover}`)
      await saved(second, owner, `after ${handover}`)
      if (handover > limits.replyAttempts) answer.finish()
      leaving = next
    }
    const other = await openTalk(second.url, { userId: owner.userId })
    const row = async () => (await other.rows()).find(({ id }) => id === replyId)
    await until(async () => (await row())?.status !== 'live')
    expect(await row()).toMatchObject({
      status: 'complete',
      content: `after ${limits.replyAttempts + 1}`,
      error: null,
    })
    for (const talk of [other, owner]) talk.close()
  })
})

describeWithPostgres('[R4] a node whose leases run out all the time', (postgres) => {
  const nodes = useNodes(postgres)

  it('never claims a reply that it holds', async () => {
    const { model, url, env, second: reader } = await nodes.stage({}, idle)
    // A silent reply is renewed every second, so it has no lease for most of the time.
    const node = await nodes.node(url, env, { leaseMs: 50, recoverEveryMs: 50 })
    const { owner, replyId, answer } = await saidHalf(node, reader, model)
    const hasNoLease = async () => {
      const client = new pg.Client({ connectionString: url })
      await client.connect()
      const { rows } = await client.query(
        'SELECT 1 FROM "Message" WHERE "leaseUntil" < now() - interval \'300 ms\'',
      )
      await client.end()
      return rows.length > 0
    }
    await until(hasNoLease)
    answer.say(', and on.')
    answer.finish()
    expect(await owner.end(replyId)).toMatchObject({ status: 'complete', content: 'The old half, and on.' })
    expect(new Set(owner.deltas(replyId).map(({ epoch }) => epoch))).toEqual(new Set([1]))
    expect(model.requests).toHaveLength(1)
    owner.close()
  })
})

describeWithPostgres('[R4] a node that was without the database for longer than a lease', (postgres) => {
  const nodes = useNodes(postgres)

  /** An owner and a node that could take over, each on a line of its own, and both lines cut. */
  async function cutOff(leaseMs: number) {
    const { model, url, env, second: reader } = await nodes.stage({}, idle)
    const [line, own] = [await nodes.ownLine(url), await nodes.ownLine(url)]
    const first = await nodes.node(line.url, env, { ...idle, leaseMs })
    const second = await nodes.node(own.url, env, { leaseMs, recoverEveryMs: TRY_MS })
    const half = await saidHalf(first, reader, model)
    for (const one of [line, own]) one.cut()
    const tries = () => second.logged.filter(({ message }) => message === 'recovery has to wait').length
    await until(() => tries() * TRY_MS > leaseMs + 1_000)
    own.mend()
    await until(async () => (await fetch(`${second.url}/readyz`)).status === 200)
    return { ...half, reader, second, line }
  }

  it('does not claim what its owner, without it as well, may still renew', async () => {
    const { reader, second, line, owner, replyId, answer } = await cutOff(5_000)
    line.mend()
    answer.say(', and on')
    await saved(reader, owner, 'The old half, and on')
    answer.finish()
    expect(await owner.end(replyId)).toMatchObject({ status: 'complete', content: 'The old half, and on' })
    expect(second.logged.filter(({ message }) => message === 'reply taken over')).toEqual([])
    owner.close()
  })

  it('claims it a lease later, if the owner does not come back', async () => {
    const { hand, reader, second, owner, replyId } = await cutOff(2_000)
    const again = await hand.next()
    again.say('Anew.')
    again.finish()
    const other = await openTalk(reader.url, { userId: owner.userId })
    const row = async () => (await other.rows()).find(({ id }) => id === replyId)
    await until(async () => (await row())?.status === 'complete')
    expect(await row()).toMatchObject({ content: 'Anew.' })
    expect(second.logged.filter(({ message }) => message === 'reply taken over')).toHaveLength(1)
    for (const talk of [other, owner]) talk.close()
  })
})
