import { expect, it } from 'vitest'
import { quick, until, useStage } from './connected.ts'
import { Refusal } from './scripted-server.ts'

const stage = useStage()

it.each(['BUSY', 'RATE_LIMITED', 'STORAGE_UNAVAILABLE', 'AI_UNAVAILABLE'] as const)(
  'case a1: a message that is refused for now with %s holds its place, says so, and goes out by itself',
  async (code) => {
    const { server } = stage
    const session = await stage.client().join({ personaId: 'p1' })
    const seen = new Set<string>()
    session.state.subscribe(() => {
      const shown = session.state.get().pending.map((entry) => [entry.status, entry.error?.code])
      seen.add(JSON.stringify(shown))
    })
    let refusals = 0
    server.script = {
      'chat:message': ({ content, clientMessageId }) => {
        if (++refusals <= 5) throw new Refusal(code)
        return server.commit(clientMessageId ?? null, content)
      },
    }
    const sent = await Promise.all([session.send('one'), session.send('two')])
    expect(sent.map((row) => row.content)).toEqual(['one', 'two'])
    const contents = server.payloadsOf('chat:message').map((payload) => JSON.stringify(payload))
    expect(contents.map((payload) => payload.includes('"one"'))).toEqual([...Array(6).fill(true), false])
    expect(new Set(contents).size).toBe(2)
    expect([...seen]).toContain(
      JSON.stringify([['sending', code], ['queued']].map(([a, b]) => [a, b ?? null])),
    )
    expect([...seen].filter((shown) => shown.includes('failed'))).toEqual([])
  },
)

it('[S2] a message that a leaving server refuses goes out on the next line, before its wait is over', async () => {
  const { server } = stage
  const client = stage.client()
  const session = await client.join({ personaId: 'p1' })
  server.script = {
    'chat:message': () => {
      throw new Refusal('BUSY', { retryAfterMs: 30_000 })
    },
  }
  const sent = session.send('Hi')
  await until(() => session.state.get().pending[0]?.error?.code, 'BUSY')
  expect(await session.loadOlder()).toBe(false)
  expect(server.payloadsOf('chat:message')).toHaveLength(1)
  server.script = {}
  const gone = new Set<string>()
  session.state.subscribe(() => {
    const entry = session.state.get().pending[0]
    if (client.connection.get().status === 'online') return
    if (entry) gone.add(`${entry.status} ${entry.error}`)
  })
  server.cut()
  expect(await sent).toMatchObject({ id: 'm1' })
  expect([...gone]).toContain('queued null')
})

it.each([
  { name: 'for too long', timing: { patienceMs: 40 }, more: {} },
  { name: 'for longer than it may wait', timing: {}, more: { retryAfterMs: 90_000 } },
])('a message that is refused $name fails with the code, and lets the next one through', async (given) => {
  const { server } = stage
  const session = await stage.client({ timing: { ...quick, ...given.timing } }).join({ personaId: 'p1' })
  server.script = {
    'chat:message': ({ content, clientMessageId }) => {
      if (content === 'bad') throw new Refusal('RATE_LIMITED', given.more)
      return server.commit(clientMessageId ?? null, content)
    },
  }
  const bad = session.send('bad')
  const good = session.send('good')
  await expect(bad).rejects.toMatchObject({ code: 'RATE_LIMITED', ...given.more })
  expect(await good).toMatchObject({ content: 'good' })
  expect(session.state.get().pending).toMatchObject([{ content: 'bad', status: 'failed' }])
})

it('a limit is waited out, on the next line too, and the person is told until when', async () => {
  const { server } = stage
  const session = await stage.client().join({ personaId: 'p1' })
  const retryAfterMs = 400
  let mayNot = 0
  server.script = {
    'chat:message': ({ content, clientMessageId }) => {
      if (mayNot === 0) mayNot = performance.now() + retryAfterMs
      else if (performance.now() < mayNot) throw new Refusal('INTERNAL')
      else return server.commit(clientMessageId ?? null, content)
      throw new Refusal('RATE_LIMITED', { retryAfterMs })
    },
  }
  const before = Date.now()
  const sent = session.send('Hi')
  await until(() => session.state.get().pending[0]?.error?.code, 'RATE_LIMITED')
  expect(session.state.get().pending[0]?.nextTryAt).toBeGreaterThanOrEqual(before + retryAfterMs)
  server.cut()
  await until(() => server.eventsOf(2), ['chat:auth', 'chat:join'])
  await until(() => session.state.get().pending[0]?.status, 'sending')
  expect(session.state.get().pending).toMatchObject([{ error: { code: 'RATE_LIMITED' } }])
  await sent
  expect(server.payloadsOf('chat:message')).toHaveLength(2)
  expect(server.eventsOf(2)).toEqual(['chat:auth', 'chat:join', 'chat:message'])
})

it('a message on which the server breaks is tried three times in all', async () => {
  const { server } = stage
  const session = await stage.client().join({ personaId: 'p1' })
  server.script = {
    'chat:message': () => {
      throw new Refusal('INTERNAL')
    },
  }
  await expect(session.send('Hi')).rejects.toMatchObject({ code: 'INTERNAL' })
  expect(server.payloadsOf('chat:message')).toHaveLength(3)
})

it('a session that is left while a message waits fails it', async () => {
  const { server } = stage
  const session = await stage.client().join({ personaId: 'p1' })
  server.script = {
    'chat:message': () => {
      throw new Refusal('BUSY', { retryAfterMs: 30_000 })
    },
  }
  const sent = session.send('Hi')
  await until(() => session.state.get().pending[0]?.error?.code, 'BUSY')
  session.leave()
  await expect(sent).rejects.toMatchObject({ code: 'DISCONNECTED' })
})
