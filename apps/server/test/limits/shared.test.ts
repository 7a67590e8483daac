import { createChatClient } from '@parley/client'
import { limits, Readiness } from '@parley/protocol'
import { createClient } from 'redis'
import { afterEach, expect, it } from 'vitest'
import { type Parley, startParley } from '../harness/parley.ts'
import type { PlainSocket } from '../harness/plain-socket.ts'
import { nobodyYet } from '../replies/talk.ts'
import { describeWithPostgres, describeWithRedis } from '../services/describe-with.ts'
import { startRedis } from '../services/redis.ts'
import { long, openAs, outcomeOf, sendMany } from './sending.ts'

const ends: (() => unknown)[] = []
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end()
})

const start = async (env: Record<string, string>, timing = long): Promise<Parley> => {
  const parley = await startParley({ env: { TRUST_CLIENT_USER_ID: '1', ...env }, timing })
  ends.push(() => parley.remove())
  return parley
}
const openOn = async ({ url }: Parley, userId: string): Promise<PlainSocket> => {
  const plain = await openAs(url, userId)
  ends.push(() => plain.close())
  return plain
}
const countLimited = (outcomes: readonly string[]) =>
  outcomes.filter((outcome) => outcome === 'RATE_LIMITED').length

describeWithRedis('two processes', (redis) => {
  describeWithPostgres('on one database', (postgres) => {
    const startTwo = async (env: Record<string, string> = {}): Promise<[Parley, Parley]> => {
      const all = { DATABASE_URL: await postgres.createDatabase(), ...env }
      return [await start(all), await start(all)]
    }

    it('case f7: count together through Redis, and apart without it', async () => {
      for (const [env, passed] of [
        [{ REDIS_URL: redis.url }, limits.sendsPerUser],
        [{}, 2 * limits.sendsPerUser],
      ] as const) {
        const [one, other] = await startTwo(env)
        const userId = nobodyYet()
        const sockets = [await openOn(one, userId), await openOn(other, userId)]
        const outcomes = await Promise.all(sockets.map((plain) => sendMany(plain, limits.sendsPerUser + 5)))
        const sent = outcomes.flat().length
        expect(sent - countLimited(outcomes.flat())).toBe(passed)
      }
    })

    it('go on limiting, each for itself, while Redis is dead, and together again when it is back', async () => {
      const own = await startRedis()
      ends.push(() => own.stop())
      const [one, other] = await startTwo({ REDIS_URL: own.url })
      const userId = nobodyYet()
      const near = await openOn(one, userId)
      const far = await openOn(other, userId)
      await own.kill9()
      for (const plain of [near, far]) {
        const outcomes = await sendMany(plain, limits.sendsPerUser + 5)
        expect(countLimited(outcomes)).toBe(5)
      }
      await own.start()
      const someone = nobodyYet()
      const again = [await openOn(one, someone), await openOn(other, someone)]
      for (const { url } of [one, other]) {
        const readiness = async () => Readiness.parse(await (await fetch(`${url}/readyz`)).json())
        await expect.poll(readiness, { timeout: 20_000 }).toMatchObject({ broker: 'up' })
      }
      const outcomes: string[] = []
      for (const plain of again) outcomes.push(...(await sendMany(plain, limits.sendsPerUser)))
      expect(countLimited(outcomes)).toBe(limits.sendsPerUser)
    })
  })

  it('a Redis that hangs holds nobody up', async () => {
    const own = await startRedis()
    ends.push(() => own.stop())
    const plain = await openOn(await start({ REDIS_URL: own.url }), nobodyYet())
    const admin = createClient({ url: own.url, socket: { reconnectStrategy: false } })
    admin.on('error', () => undefined)
    await admin.connect()
    await admin.sendCommand(['CLIENT', 'PAUSE', '600000', 'ALL'])
    let isBack = false
    void admin.ping().then(
      () => {
        isBack = true
      },
      () => undefined,
    )
    expect(await sendMany(plain, 3)).toEqual(Array(3).fill('SESSION_NOT_FOUND'))
    expect(isBack).toBe(false)
    admin.destroy()
  })
})

it('a client whose person is limited keeps its messages in order, says until when, and sends them by itself', async () => {
  const parley = await start({}, { ...long, rateWindowMs: 6_000 })
  const userId = nobodyYet()
  const client = createChatClient({ url: parley.url, credentials: async () => ({ userId }) })
  ends.push(() => client.close())
  const session = await client.join({ personaId: 'wren' })
  const plain = await openOn(parley, userId)
  // Repeated, so that it does not matter how long it took to get there.
  while (countLimited(await sendMany(plain, limits.sendsPerUser)) === 0);
  const refusals = new Set<number | undefined>()
  session.state.subscribe(() => {
    const { error } = session.state.get().pending[0] ?? {}
    if (error?.code === 'RATE_LIMITED') refusals.add(error.retryAfterMs)
  })
  const sent = await Promise.all([session.send('one'), session.send('two')])
  expect(sent.map(({ content }) => content)).toEqual(['one', 'two'])
  expect(sent[0]?.seq).toBeLessThan(sent[1]?.seq ?? 0)
  for (const ms of refusals) expect(ms).toBeGreaterThan(0)
  expect(await outcomeOf(plain.ask('chat:leave', { sessionId: 'none' }))).toBe('ok')
  expect(refusals.size).toBeGreaterThan(0)
})
