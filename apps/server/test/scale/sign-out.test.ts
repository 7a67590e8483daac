import { ChatError, createChatClient, type OutboxStorage, type StoredMessage } from '@parley/client'
import { expect, it } from 'vitest'
import { type Guest, signInGuest } from '../access/guest.ts'
import { must } from '../access/opened.ts'
import { connectPlain, type PlainSocket, record } from '../harness/plain-socket.ts'
import { byHand } from '../replies/by-hand.ts'
import { until } from '../replies/until.ts'
import { describeWithPostgres, describeWithRedis } from '../services/describe-with.ts'
import { brokerOf, type Cluster, type Node, queryDatabase, useClusters } from './cluster.ts'

/** A socket of a login session, authenticated. */
async function enter(url: string, { userId, token }: Guest): Promise<PlainSocket> {
  const plain = await connectPlain(url)
  await must(plain, 'chat:auth', { userId, token })
  return plain
}

/** Another login session of the same person, as on a second device. */
async function secondLogin({ databaseUrl }: Cluster, { userId }: Guest): Promise<Guest> {
  const token = `second-${userId}`
  await queryDatabase(
    databaseUrl,
    `INSERT INTO "Session" (id, token, "userId", "expiresAt") VALUES ($1, $1, $2, now() + interval '1 day')`,
    [token, userId],
  )
  return { userId, token, cookie: '' }
}

const post = async (url: string, path: string, { token }: Guest, body: object = {}) => {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
  const answer = await fetch(`${url}/api/auth${path}`, {
    method: 'POST',
    headers,
    body: JSON.stringify(body),
  })
  expect(answer.status).toBe(200)
}

/** Opens a session on both sockets and says something on the first one. */
async function sayAmong(speaker: PlainSocket, listener: PlainSocket): Promise<void> {
  const joined = await must(speaker, 'chat:join', { personaId: 'wren' })
  const sessionId = record(joined.session).id
  await must(listener, 'chat:join', { personaId: 'wren', sessionId })
  await must(speaker, 'chat:message', { sessionId, content: 'Tell me' })
}

/** Where a page keeps what it has not sent. */
function storage() {
  const stored = new Map<string, StoredMessage>()
  const outbox: OutboxStorage = {
    claim: async (userId) => [...stored.values()].filter((message) => message.userId === userId),
    put: (message) => void stored.set(message.clientMessageId, message),
    remove: ({ clientMessageId }) => void stored.delete(clientMessageId),
  }
  return { outbox, kept: () => [...stored.values()] }
}

/** Waits until a socket was told that it is not known any more, and was closed. */
async function shutOut(plain: PlainSocket): Promise<void> {
  await plain.next('chat:error', ({ error }) => error === 'NOT_AUTHENTICATED')
  await until(() => !plain.socket.connected)
}

/** A suite with two nodes that take nobody at his word. */
function describeTwoNodes(title: string, body: (start: () => Promise<TwoNodes>) => void): void {
  describeWithRedis(title, () => {
    describeWithPostgres('with two nodes', (postgres) => {
      const startCluster = useClusters(postgres)
      body(async () => {
        const cluster = await startCluster({ TRUST_CLIENT_USER_ID: '0' })
        return { cluster, near: cluster.nodes[0], far: cluster.nodes[1] }
      })
    })
  })
}

interface TwoNodes {
  readonly cluster: Cluster
  readonly near: Node
  readonly far: Node
}

describeTwoNodes('[A1] a login session that was ended', (start) => {
  it('by signing out reaches its sockets on every node over the broker, and no others; a reply goes on', async () => {
    const { cluster, near, far } = await start()
    const hand = byHand()
    cluster.model.behave(hand.behaviour)
    const ada = await signInGuest(near.url)
    const elsewhere = await enter(far.url, await secondLogin(cluster, ada))
    const stranger = await enter(far.url, await signInGuest(far.url))
    const [here, there] = [await enter(near.url, ada), await enter(far.url, ada)]
    await sayAmong(there, elsewhere)
    const answer = await hand.next()
    answer.say('First, ')

    // Without its database the other node cannot look by itself.
    far.toDatabase.cut()
    await post(near.url, '/sign-out', ada)
    await Promise.all([shutOut(here), shutOut(there)])
    far.toDatabase.mend()
    answer.say('and last.')
    answer.finish()
    const end = await elsewhere.next('chat:response', ({ sender }) => sender === 'ai')
    expect(end).toMatchObject({ status: 'complete', content: 'First, and last.' })
    for (const plain of [elsewhere, stranger]) {
      expect(plain.socket.connected).toBe(true)
      expect(plain.frames.filter(({ event }) => event === 'chat:error')).toEqual([])
      plain.close()
    }
  })

  it('by revoking it from another device reaches its sockets on every node', async () => {
    const { cluster, near, far } = await start()
    const ada = await signInGuest(near.url)
    const second = await secondLogin(cluster, ada)
    const [lost, kept] = [await enter(far.url, second), await enter(far.url, ada)]
    far.toDatabase.cut()
    await post(near.url, '/revoke-session', ada, { token: second.token })
    await shutOut(lost)
    far.toDatabase.mend()
    expect(kept.socket.connected).toBe(true)
    kept.close()
  })
})

describeTwoNodes('[A1] the end of a login session', (start) => {
  it('reaches its sockets on every node while Redis is away; so does its expiry', async () => {
    const { cluster, near, far } = await start()
    const ada = await signInGuest(near.url)
    const second = await secondLogin(cluster, ada)
    const [there, late] = [await enter(far.url, ada), await enter(far.url, second)]
    await cluster.redis.kill9()
    for (const node of cluster.nodes) await until(async () => (await brokerOf(node)) === 'down')
    await post(near.url, '/sign-out', ada)
    await shutOut(there)
    expect(late.socket.connected).toBe(true)
    await queryDatabase(cluster.databaseUrl, `UPDATE "Session" SET "expiresAt" = now() WHERE id = $1`, [
      second.token,
    ])
    await shutOut(late)
  })

  it('signs the page out; what it had not sent stays its own and goes out as nobody else', async () => {
    const { cluster, near, far } = await start()
    const ada = await signInGuest(near.url)
    const bob = await signInGuest(near.url)
    const { outbox, kept } = storage()
    let credentials: Guest | null = ada
    const client = createChatClient({
      url: far.url,
      outbox,
      credentials: async () => {
        if (!credentials) throw new ChatError('NOT_AUTHENTICATED')
        return { userId: credentials.userId, token: credentials.token }
      },
    })
    const session = await client.join({ personaId: 'wren' })
    await session.finishedReply(await session.send('Before'))
    credentials = null
    await post(near.url, '/sign-out', ada)
    await until(() => client.connection.get().status === 'signed-out')
    session.send('After').catch(() => undefined)
    credentials = bob
    client.retry()
    await until(() => client.connection.get().identity?.userId === bob.userId)
    await client.join({ personaId: 'wren', fresh: true })
    const rows = await queryDatabase(
      cluster.databaseUrl,
      `SELECT content FROM "Message" WHERE sender = 'user'`,
    )
    expect(rows).toEqual([{ content: 'Before' }])
    expect(kept()).toMatchObject([{ userId: ada.userId, content: 'After' }])
    client.close()
  })
})
