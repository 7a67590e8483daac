import { randomUUID } from 'node:crypto'
import { performance } from 'node:perf_hooks'
import { expect, it } from 'vitest'
import { KEEPING } from '../../src/realtime/trimming.ts'
import { dumpTables } from '../harness/dump.ts'
import { connectPlain, type PlainSocket } from '../harness/plain-socket.ts'
import { byHand } from '../replies/by-hand.ts'
import { until } from '../replies/until.ts'
import { type Cluster, commandRedis, useClusters } from '../scale/cluster.ts'
import { describeWithPostgres, describeWithRedis } from '../services/describe-with.ts'
import { type Account, askAuth, signUp } from './account.ts'
import { signInGuest } from './guest.ts'
import { must } from './opened.ts'

/** Text that stands for what a person says, is called and is told; nothing else contains it. */
const canaries = (kinds: readonly string[]) =>
  Object.fromEntries(kinds.map((kind) => [kind, `canary-${kind}-${randomUUID()}`]))

const enter = async (url: string, { userId, token }: Account) => {
  const plain = await connectPlain(url)
  await must(plain, 'chat:auth', { userId, token })
  return plain
}
const join = async (plain: PlainSocket, personaId: string) =>
  String(Object((await must(plain, 'chat:join', { personaId })).session).id)

/** Everything that the database and the log hold of these texts, by where it stands. */
async function found({ databaseUrl, nodes }: Cluster, texts: readonly string[]): Promise<string[]> {
  const dump = await dumpTables({ url: databaseUrl, dataDir: '' })
  const places: [string, string][] = [
    ...Object.entries(dump).map(([table, rows]): [string, string] => [table, rows.join('\n')]),
    ['log', nodes.map(({ parley }) => parley.logged.map(readable).join('\n')).join('\n')],
  ]
  return texts.flatMap((text) =>
    places.filter(([, held]) => held.includes(text)).map(([place]) => `${text.split('-', 2)[1]} in ${place}`),
  )
}

/** A logged line with what a logger would write of its error. */
const readable = ({ fields, message }: { readonly fields: object; readonly message: string }) =>
  JSON.stringify([message, Object.values(fields).map(describe)])
const describe = (value: unknown): unknown =>
  value instanceof Error ? [value.message, value.stack, { ...value }, describe(value.cause)] : value

const inStream = ({ redis }: Cluster, texts: readonly string[]) =>
  commandRedis(redis.url, async (client) => {
    const entries = JSON.stringify(await client.xRange('parley:broadcasts', '-', '+'))
    return texts.filter((text) => entries.includes(text))
  })

/** What is left in Redis may be text for so long, in milliseconds; shorter here than in the program. */
const timing = { leaseMs: 10_000, recoverEveryMs: 2_000, keeping: { keepMs: 3_000, trimEveryMs: 500 } }

describeWithRedis('[erasure] a deleted account', () => {
  describeWithPostgres('whose replies are written by another server', (postgres) => {
    const start = useClusters(postgres)

    it('leaves nothing: not in any table or log, and soon not in Redis; its running reply is called off', async () => {
      const cluster = await start({ TRUST_CLIENT_USER_ID: '0' }, timing)
      const [near, far] = cluster.nodes
      const planted = canaries(['name', 'email', 'first', 'second', 'reply', 'draft', 'waiting'])
      const { name = '', email = '', first = '', second = '', reply = '', draft = '', waiting = '' } = planted
      const account = await signUp(near.url, undefined, { name, email: `${email}@example.org` })
      const [plain, elsewhere] = [await enter(far.url, account), await enter(near.url, account)]
      const hand = byHand()
      cluster.model.behave(hand.behaviour)
      const sessionId = await join(plain, 'wren')
      await must(elsewhere, 'chat:join', { personaId: 'wren', sessionId })
      await must(plain, 'chat:message', { sessionId, content: first })
      const whole = await hand.next()
      whole.say(`${reply} and more.`)
      whole.finish()
      await elsewhere.next('chat:response', ({ sender }) => sender === 'ai')
      await must(plain, 'chat:message', { sessionId, content: second })
      await must(plain, 'chat:message', { sessionId, content: waiting })
      const running = await hand.next()
      running.say(`${draft} and`)
      await elsewhere.next('chat:delta', ({ text }) => String(text).includes(draft))

      // Else the search below would prove nothing.
      const places = ['name in User', 'email in User', 'first in Message', 'first in ChatSession']
      places.push('second in Message', 'reply in Message', 'draft in ReplyChunk', 'waiting in Message')
      const texts = Object.values(planted)
      await until(async () => (await found(cluster, texts)).includes('draft in ReplyChunk'))
      expect(await found(cluster, texts)).toEqual(expect.arrayContaining(places))
      expect(await inStream(cluster, texts)).toEqual(expect.arrayContaining([reply, draft]))

      const began = performance.now()
      const { cookie, password } = account
      const done = await askAuth(near.url, '/delete-user', { cookie, body: { password } })
      expect(done.status).toBe(200)
      const deleted = performance.now()
      expect(await found(cluster, [...texts, account.userId, sessionId])).toEqual([])
      expect(await running.request.ended).toBe('left')
      const ms = (from: number) => Math.round(performance.now() - from)
      process.stdout.write(`called off ${ms(deleted)} ms after the account went, ${ms(began)} ms in all\n`)
      for (const closed of [plain, elsewhere]) {
        await closed.next('chat:error', ({ error }) => error === 'NOT_AUTHENTICATED')
        await until(() => !closed.socket.connected)
      }
      await until(async () => (await inStream(cluster, texts)).length === 0)
      // What was under way when the account went has written nothing since.
      const stranger = await signInGuest(near.url)
      expect(stranger.userId).not.toBe(account.userId)
      expect(await found(cluster, [...texts, account.userId, sessionId])).toEqual([])
      expect(cluster.model.requests).toHaveLength(2)
    })
  })
})

it('[erasure] text is gone from Redis within a minute', () => {
  expect(KEEPING.keepMs + KEEPING.trimEveryMs).toBeLessThanOrEqual(60_000)
})
