import { guestCredentials } from '@parley/client'
import { expect, it } from 'vitest'
import { converse, type Opened, openSession } from '../access/opened.ts'
import { connectPlain } from '../harness/plain-socket.ts'
import { endless } from '../process/model.ts'
import { named, openClient, openVisitor, until } from '../process/people.ts'
import { TIMEOUT_MS } from '../process/server-process.ts'
import { describeFleet, type Fleet, GUESTS } from './fleet.ts'

const PEOPLE = 50
const WINDOWS = 4
const POLLING = { transports: ['polling'] } as const

const times = <T>(count: number, make: (n: number) => Promise<T>): Promise<T[]> =>
  Promise.all(Array.from({ length: count }, (_, n) => make(n)))

describeFleet('two servers behind nginx', (start) => {
  it('case a7: 50 WebSockets go to either server, none fails, and they hear each other', {
    timeout: TIMEOUT_MS,
  }, async () => {
    const fleet = await start()
    const people = await times(PEOPLE, (n) => openSession(fleet.url, `person-${n}`))
    await Promise.all(people.slice(0, 10).map((person) => converse(person)))
    const windows = await times(WINDOWS, () => openSession(fleet.url, 'person-0'))
    const [speaking, ...hearing] = windows
    if (!speaking) throw new Error('all are open')
    const { replyId } = await converse(speaking, 'Can you all hear me?')
    for (const window of hearing) await window.next('chat:response', ({ id }) => id === replyId)
    for (const person of [...people, ...windows]) person.close()
    await expectShares(fleet, [...people, ...windows])
  })

  it('case a7: whoever begins by polling stays with one server, and may go on to a WebSocket', {
    timeout: TIMEOUT_MS,
  }, async () => {
    const { url } = await start()
    const clients = Array.from({ length: 5 }, (_, n) => openClient(url, named(`polling-${n}`), {}, POLLING))
    for (const client of clients) {
      const session = await client.join({ personaId: 'wren' })
      const reply = await session.finishedReply(await session.send('Hello there'))
      expect(reply).toMatchObject({ status: 'complete', content: 'You said: Hello there' })
    }
    for (let round = 0; round < 5; round++) {
      // What Socket.IO's own client does unless told otherwise.
      const visitor = await openVisitor(url, `upgrading-${round}`, { transports: ['polling', 'websocket'] })
      await until(() => visitor.socket.io.engine.transport.name === 'websocket')
      await visitor.ask('chat:message', { sessionId: visitor.sessionId, content: 'Hello there' })
      await visitor.next('chat:response', ({ status }) => status === 'complete')
    }
    for (const { connection } of clients) {
      expect(connection.get()).toMatchObject({ status: 'online', attempt: 0 })
    }
  })

  it('[S2] while one server leaves, everybody new goes to the other', { timeout: TIMEOUT_MS }, async () => {
    // In production a server waits longer for its replies, for as long as the rest of this test takes.
    const { url, nodes, model } = await start({ ...GUESTS, NODE_ENV: 'production' })
    const [leaving] = nodes
    const { behaviour, finish } = endless()
    model.behave(behaviour, 1)
    const credentials = guestCredentials(url)
    const last = await openClient(leaving.url, credentials).join({ personaId: 'wren' })
    const asked = await last.send('Tell me everything')
    await until(() => last.state.get().live.size > 0)
    leaving.process().child.kill('SIGTERM')
    await until(async () => (await fetch(`${leaving.url}/readyz`)).status === 503)

    const ready = await times(4, () => fetch(`${url}/readyz`))
    expect(ready.map(({ status }) => status)).toEqual([200, 200, 200, 200])
    const late = await times(20, () => connectPlain(url))
    // Whoever was there is moved as well, and hears the rest of the reply at the other one.
    const moved = await openClient(url, credentials).join({ personaId: 'wren', sessionId: last.id })
    finish()
    expect(await moved.finishedReply(asked)).toMatchObject({ status: 'complete' })
    expect(await leaving.process().ended).toEqual({ code: 0, signal: null })
    expect(late.every(({ socket }) => socket.connected)).toBe(true)
    for (const plain of late) plain.close()
  })
})

/** Each connection took one try, and each server has a fair part of them. */
async function expectShares({ nginx, nodes }: Fleet, opened: readonly Opened[]): Promise<void> {
  await until(() => nginx.upstreams().length === opened.length)
  const tried = nginx.upstreams().map((tries) => tries.join())
  for (const node of nodes) {
    const share = tried.filter((address) => address === new URL(node.url).host).length
    expect(share).toBeGreaterThan(opened.length / 4)
  }
}
