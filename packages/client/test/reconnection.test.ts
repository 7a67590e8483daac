import { expect, it } from 'vitest'
import { ChatError } from '../src/index.ts'
import { closedGate, quick, until, useStage } from './connected.ts'
import { delta } from './rows.ts'
import { Refusal } from './scripted-server.ts'

const stage = useStage()

it.each(['cut', 'disconnect'] as const)(
  'case a1: after a %s, authentication first, then the join, then the waiting message once',
  async (how) => {
    const { server } = stage
    let calls = 0
    const client = stage.client({ credentials: async () => ({ userId: 'u1', token: `t${++calls}` }) })
    const session = await client.join({ personaId: 'p1' })
    const gate = closedGate()
    server.admit = () => gate.opened
    if (how === 'cut') server.cut()
    else for (const socket of server.sockets) socket.disconnect(true)
    await until(() => client.connection.get().status, 'reconnecting')
    const sent = [session.send('one'), session.send('two')]
    const waiting = session.state.get().pending
    expect(waiting.map((entry) => [entry.content, entry.status])).toEqual([
      ['one', 'queued'],
      ['two', 'queued'],
    ])
    gate.open()
    await Promise.all(sent)
    expect(server.eventsOf(1)).toEqual(['chat:auth', 'chat:join'])
    expect(server.eventsOf(2)).toEqual(['chat:auth', 'chat:join', 'chat:message', 'chat:message'])
    expect(server.payloadsOf('chat:auth').at(-1)).toEqual({ userId: 'u1', token: 't2' })
    expect(server.payloadsOf('chat:join').at(-1)).toEqual({ personaId: 'p1', sessionId: 's1' })
    expect(server.payloadsOf('chat:message')).toEqual(
      waiting.map(({ clientMessageId, content }) => ({ sessionId: 's1', content, clientMessageId })),
    )
    expect(session.state.get().pending).toEqual([])
  },
)

it('case a2: three forced reconnects, then one reply: every event is taken once', async () => {
  const client = stage.client()
  const session = await client.join({ personaId: 'p1' })
  await session.send('Hi')
  for (const line of [2, 3, 4]) {
    stage.server.cut()
    await until(() => stage.server.eventsOf(line), ['chat:auth', 'chat:join'])
    await until(() => client.connection.get().status, 'online')
  }
  expect(stage.server.sockets).toHaveLength(1)
  let errors = 0
  client.onError(() => errors++)
  stage.server.emit('chat:error', { error: 'BUSY', message: 'Busy.', requestId: 'q1' })
  stage.server.emit('chat:delta', delta('r1', 1, 0, 'Hello', true))
  stage.server.finish(1, 'Hello')
  await until(() => session.state.get().messages.map((row) => row.content), ['Hello.', 'Hi', 'Hello'])
  expect(errors).toBe(1)
})

it('[M2] an ack that was lost: sent again under its id, one bubble all along', async () => {
  const { server } = stage
  const client = stage.client()
  const session = await client.join({ personaId: 'p1' })
  const seen = new Set<number>()
  session.state.subscribe(() => {
    const { messages, pending } = session.state.get()
    const users = messages.filter((row) => row.sender === 'user').length
    seen.add(users + pending.length)
  })
  server.script = {
    'chat:message': ({ content, clientMessageId }) => {
      const committed = server.commit(clientMessageId ?? null, content)
      server.script = {}
      server.cut()
      return committed
    },
  }
  expect(await session.send('Hi')).toMatchObject({ id: 'm1', content: 'Hi' })
  expect(session.state.get().messages.map((row) => row.id)).toEqual(['greeting', 'm1', 'r1'])
  expect([...seen]).toEqual([1])
})

it('[M2] a message that vanished with the line is sent again under the same id', async () => {
  const { server } = stage
  const session = await stage.client().join({ personaId: 'p1' })
  server.script = {
    'chat:message': () => {
      server.script = {}
      server.cut()
      return new Promise(() => undefined)
    },
  }
  await session.send('Hi')
  const [first, second] = server.payloadsOf('chat:message')
  expect(second).toEqual(first)
})

it('[J1] what changed while the line was down is there after the join, also in an idle session (case a4)', async () => {
  const client = stage.client()
  const session = await client.join({ personaId: 'p1' })
  stage.server.cut()
  stage.server.commit(null, 'from elsewhere')
  await until(() => session.state.get().messages.map((row) => row.id), ['greeting', 'm1', 'r1'])
})

it('[C4] gives up after the last attempt, says so, and connects again when it is woken', async () => {
  const { server } = stage
  let admitted = 0
  server.admit = async () => {
    admitted++
    throw new Error('not now')
  }
  const client = stage.client()
  await expect(client.join({ personaId: 'p1' })).rejects.toMatchObject({ code: 'DISCONNECTED' })
  const { status, nextAttemptAt } = client.connection.get()
  expect(status).toBe('offline')
  expect(nextAttemptAt).toBeGreaterThan(Date.now())
  expect(admitted).toBe(6)
  server.admit = async () => undefined
  client.wake()
  await until(() => client.connection.get().status, 'online')
})

it('[C4] goes on by itself, slowly, until the server is back, and says so all the time', async () => {
  const { server } = stage
  const client = stage.client({ timing: { ...quick, slowRetryMs: 20 } })
  const session = await client.join({ personaId: 'p1' })
  let refused = 0
  server.admit = async () => {
    if (++refused <= 9) throw new Error('not now')
  }
  const states: string[] = []
  client.connection.subscribe(() => {
    const { status, nextAttemptAt } = client.connection.get()
    if (refused >= 5) states.push(`${status} ${nextAttemptAt === null ? 'now' : 'later'}`)
  })
  server.cut()
  const sent = session.send('Hi')
  expect(await sent).toMatchObject({ id: 'm1' })
  const slow = states.slice(states.indexOf('offline later'))
  expect(slow).toEqual([...Array(5).fill(['offline later', 'offline now']).flat(), 'online now'])
})

it('[C4] a page that nobody sees does not try by itself once it has given up', async () => {
  const { server } = stage
  let isWatched = true
  const timing = { ...quick, slowRetryMs: 4 }
  const client = stage.client({ timing, isWatched: () => isWatched })
  await client.join({ personaId: 'p1' })
  let refused = 0
  server.admit = async () => {
    refused++
    throw new Error('not now')
  }
  const asked: number[] = []
  client.connection.subscribe(() => {
    const { status, nextAttemptAt } = client.connection.get()
    if (status !== 'offline' || refused < 7) return
    isWatched = false
    // Its wait is over, and it is not about to try.
    if (nextAttemptAt === null) asked.push(refused)
  })
  server.cut()
  await until(() => asked.length, 1)
  server.admit = async () => undefined
  expect(client.connection.get().status).toBe('offline')
  client.wake()
  await until(() => client.connection.get().status, 'online')
  expect([refused, server.lines]).toEqual([asked[0], 2])
})

it('[C4] a retry during a slow attempt makes it the first of the quick ones', async () => {
  const { server } = stage
  const client = stage.client({ timing: { ...quick, slowRetryMs: 4 } })
  let admitted = 0
  let refuse = () => {}
  server.admit = () =>
    new Promise((_, reject) => {
      if (++admitted <= 6) return reject(new Error('not now'))
      refuse = () => reject(new Error('not now'))
    })
  await until(() => admitted, 7)
  expect(client.connection.get()).toMatchObject({ status: 'offline', nextAttemptAt: null })
  client.retry()
  expect(client.connection.get()).toMatchObject({ status: 'reconnecting', attempt: 0 })
  refuse()
  await until(() => client.connection.get().attempt, 1)
})

it.each([
  { stableMs: 60_000, lines: 6, status: 'offline' },
  { stableMs: 0, lines: 9, status: 'online' },
])(
  '[C4] a server that lets in and drops at once is given up, unless the connection was good: %o',
  async ({ stableMs, lines, status }) => {
    const { server } = stage
    const client = stage.client({ timing: { ...quick, stableMs } })
    client.connection.subscribe(() => {
      if (client.connection.get().status === 'online' && server.lines < 9) server.cut()
    })
    await until(() => [server.lines, client.connection.get().status], [lines, status])
  },
)

it('wake ends the wait for the next attempt', async () => {
  const client = stage.client({ timing: { ...quick, reconnectBaseMs: 60_000, reconnectMaxMs: 60_000 } })
  await client.join({ personaId: 'p1' })
  stage.server.cut()
  await until(() => client.connection.get().attempt, 1)
  expect(client.connection.get().nextAttemptAt).toBeGreaterThan(Date.now())
  client.wake()
  await until(() => client.connection.get(), {
    status: 'online',
    attempt: 0,
    nextAttemptAt: null,
    error: null,
    identity: { userId: 'u1', guest: true, expiresAt: null },
  })
})

it('an authentication that hangs is an attempt that failed', async () => {
  stage.server.script = { 'chat:auth': () => new Promise(() => undefined) }
  const client = stage.client({ timing: { ...quick, requestTimeoutMs: 20 } })
  await until(() => client.connection.get().status, 'offline')
  expect(client.connection.get().error).toMatchObject({ code: 'TIMEOUT' })
  expect(stage.server.lines).toBe(6)
})

it('a refused authentication signs out and is tried again only on retry', async () => {
  stage.server.script = {
    'chat:auth': () => {
      throw new Refusal('NOT_AUTHENTICATED')
    },
  }
  const client = stage.client()
  await expect(client.join({ personaId: 'p1' })).rejects.toMatchObject({ code: 'NOT_AUTHENTICATED' })
  expect(client.connection.get().status).toBe('signed-out')
  client.wake()
  stage.server.script = {}
  client.retry()
  await until(() => client.connection.get().status, 'online')
  expect(stage.server.lines).toBe(2)
})

it('case f1: a credential that ran out is asked for again, and what was refused goes out', async () => {
  const { server } = stage
  let calls = 0
  const client = stage.client({ credentials: async () => ({ userId: 'u1', token: `t${++calls}` }) })
  const session = await client.join({ personaId: 'p1' })
  server.script = {
    'chat:message': () => {
      server.script = {}
      throw new Refusal('NOT_AUTHENTICATED')
    },
  }
  expect(await session.send('Hi')).toMatchObject({ id: 'm1' })
  expect(calls).toBe(2)
})

it.each(['middleware', 'event'] as const)('[C3] a protocol mismatch told by %s ends it', async (how) => {
  const refusal = { error: 'PROTOCOL_MISMATCH' as const, message: 'Reload.', requestId: 'q1' }
  if (how === 'middleware') {
    stage.server.admit = async () => {
      throw Object.assign(new Error('refused'), { data: refusal })
    }
  } else {
    stage.server.script = {
      'chat:auth': () => {
        stage.server.emit('chat:error', refusal)
        return new Promise(() => undefined)
      },
    }
  }
  const client = stage.client()
  await expect(client.join({ personaId: 'p1' })).rejects.toMatchObject({ code: 'PROTOCOL_MISMATCH' })
  expect(client.connection.get()).toMatchObject({ status: 'mismatch', error: { message: 'Reload.' } })
  client.retry()
  client.wake()
  expect(client.connection.get().status).toBe('mismatch')
})

it('close fails what waits, and ends what is joined', async () => {
  const client = stage.client()
  const session = await client.join({ personaId: 'p1' })
  stage.server.script = { 'chat:message': () => new Promise(() => undefined) }
  const sent = session.send('Hi')
  client.close()
  await expect(sent).rejects.toBeInstanceOf(ChatError)
  await expect(client.join({ personaId: 'p1' })).rejects.toMatchObject({ code: 'DISCONNECTED' })
  expect(client.connection.get().status).toBe('closed')
  await until(() => stage.server.sockets.length, 0)
})
