import { Readiness } from '@parley/protocol'
import { expect, it, onTestFinished } from 'vitest'
import { say } from '../model-server/behaviour.ts'
import { describeWithPostgres, describeWithRedis } from '../services/describe-with.ts'
import { startPostgres } from '../services/postgres.ts'
import { startRedis } from '../services/redis.ts'
import { recordEpochs } from './epochs.ts'
import { endless, useModel } from './model.ts'
import { named, openClient, openVisitor, until } from './people.ts'
import { dataDirectory, launchServer, type ServerProcess, startServer, TIMEOUT_MS } from './server-process.ts'

describeWithPostgres('a server on PostgreSQL', (postgres) => {
  it('case b10: [R4] takes over from a killed one once its lease has run out', {
    timeout: TIMEOUT_MS,
  }, async () => {
    const { env, model } = await useModel()
    const DATABASE_URL = await postgres.createDatabase()
    const settings = { ...env, DATABASE_URL, DATA_DIR: await dataDirectory() }
    const first = await startServer(settings)
    const visitor = await openVisitor(first.url)
    model.behave(endless().behaviour, 1)
    for (const content of ['first', 'second']) {
      const answer = await visitor.ask('chat:message', { sessionId: visitor.sessionId, content })
      expect(answer.ok).toBe(true)
    }
    await visitor.next('chat:delta', ({ offset }) => Number(offset) > 300)
    await first.end('SIGKILL')
    model.behave(say('Begun anew.'), 1)

    const second = await startServer(settings)
    const session = await openClient(second.url, named()).join({ personaId: 'wren' })
    const replies = () => session.state.get().messages.filter(({ sender, seq }) => sender === 'ai' && seq > 1)
    await until(() => replies().every(({ status }) => status === 'failed' || status === 'complete'), 60_000)
    expect(replies().map(({ status }) => status)).toEqual(['complete', 'complete'])
    expect(replies()[0]?.content).toBe('Begun anew.')
    expect(replies()[1]?.content).toBe('You said: second')
  })

  it('case j1: [S2] ends in order although its database is gone', { timeout: TIMEOUT_MS }, async () => {
    const own = await startPostgres()
    onTestFinished(() => own.stop())
    const { env, model } = await useModel()
    model.behave(endless().behaviour)
    const DATABASE_URL = await own.createDatabase()
    const server = await startServer({ ...env, DATABASE_URL, DATA_DIR: await dataDirectory() })
    const visitor = await openVisitor(server.url)
    await visitor.ask('chat:message', { sessionId: visitor.sessionId, content: 'Hello' })
    await visitor.next('chat:delta')
    await own.kill9()
    const left = new Promise<string>((resolve) => visitor.socket.once('disconnect', resolve))
    expect(await server.end('SIGTERM')).toEqual({ code: 0, signal: null })
    await left
  })

  it('case j4: says in one line, without the password, that it was refused', {
    timeout: TIMEOUT_MS,
  }, async () => {
    const address = new URL(await postgres.createDatabase())
    address.username = 'nobody'
    address.password = 'canary'
    const program = launchServer({ DATABASE_URL: address.href, DATA_DIR: await dataDirectory() })
    expect(await program.ended).toEqual({ code: 1, signal: null })
    expect(program.stderr()).toMatch(/^Parley cannot start: the database [^\n]*"nobody"[^\n]*\n$/)
    expect(program.stderr()).not.toContain('canary')
  })
})

describeWithPostgres('a server beside one that is held up', (postgres) => {
  it('[R4] takes over from one that was held up for longer than its lease, which then writes nothing more', {
    timeout: TIMEOUT_MS,
  }, async () => {
    const { env, model } = await useModel()
    const DATABASE_URL = await postgres.createDatabase()
    const settings = { ...env, DATABASE_URL, DATA_DIR: await dataDirectory() }
    const first = await startServer(settings)
    const second = await startServer(settings)
    const epochs = await recordEpochs(DATABASE_URL)
    const visitor = await openVisitor(first.url)
    model.behave(endless().behaviour, 1)
    await visitor.ask('chat:message', { sessionId: visitor.sessionId, content: 'Tell me' })
    await visitor.next('chat:delta', ({ offset }) => Number(offset) > 300)
    model.behave(say('Begun anew.'), 1)
    first.child.kill('SIGSTOP')
    const session = await openClient(second.url, named()).join({ personaId: 'wren' })
    const reply = () => session.state.get().messages.at(-1)
    await until(() => reply()?.status === 'complete', 60_000)
    first.child.kill('SIGCONT')
    expect(await model.requests[0]?.ended).toBe('left')
    expect(visitor.frames.filter(({ event }) => event === 'chat:response')).toEqual([])
    const after = await openVisitor(first.url)
    const page = await after.ask('chat:history', { sessionId: after.sessionId })
    expect(JSON.stringify(page)).toContain('Begun anew.')
    expect(JSON.stringify(page)).not.toContain('word-0')
    expect(model.requests).toHaveLength(2)
    // After the first write of the new epoch the database took none of the older one.
    const written = await epochs()
    expect(written).toEqual([...written].sort())
    expect(new Set(written)).toEqual(new Set([1, 2]))
  })
})

describeWithPostgres('a server whose broker is away at the start', (postgres) => {
  describeWithRedis('and there later', () => {
    it(
      'says so, serves its own people, and reaches the others once it is there',
      async () => {
        const redis = await startRedis()
        onTestFinished(() => redis.stop())
        await redis.kill9()
        const { env } = await useModel()
        const shared = { DATABASE_URL: await postgres.createDatabase(), REDIS_URL: redis.url }
        const settings = { ...env, ...shared, DATA_DIR: await dataDirectory() }
        const early = await startServer(settings)
        const { host } = new URL(redis.url)
        expect(early.startLine).toContain(`broker: Redis at ${host}, which cannot be reached yet`)
        const session = await openClient(early.url, named()).join({ personaId: 'wren' })
        await session.finishedReply(await session.send('Hello'))
        expect(await readiness(early)).toMatchObject({ ready: true, broker: 'down' })

        await redis.start()
        const late = await startServer(settings)
        expect(late.startLine).toContain(`broker: Redis at ${host})`)
        await until(async () => (await readiness(early)).broker === 'up')
        const visitor = await openVisitor(late.url)
        expect(visitor.sessionId).toBe(session.id)
        await session.send('from the early one')
        await visitor.next('chat:message')
        const heard = () =>
          session.state.get().messages.some(({ content }) => content === 'from the late one')
        await until(async () => {
          await visitor.ask('chat:message', { sessionId: session.id, content: 'from the late one' })
          return heard()
        })
        expect(await early.end('SIGTERM')).toEqual({ code: 0, signal: null })
      },
      TIMEOUT_MS,
    )
  })
})

async function readiness({ url }: ServerProcess): Promise<Readiness> {
  return Readiness.parse(await (await fetch(`${url}/readyz`)).json())
}
