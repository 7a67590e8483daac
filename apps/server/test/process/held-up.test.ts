import { guestCredentials } from '@parley/client'
import { expect, it, onTestFinished } from 'vitest'
import { connectPlain } from '../harness/plain-socket.ts'
import { type CutLine, openLine } from '../services/cut-line.ts'
import { describeWithPostgres, describeWithRedis } from '../services/describe-with.ts'
import { endless, useModel } from './model.ts'
import { openClient, until } from './people.ts'
import { dataDirectory, startServer, TIMEOUT_MS } from './server-process.ts'

describeWithPostgres('a server whose database', (postgres) => {
  describeWithRedis('and broker do not answer any more', (redis) => {
    it('case j1: [S2] ends in order all the same, within its grace period', {
      timeout: TIMEOUT_MS,
    }, async () => {
      const { env, model } = await useModel()
      const database = await line(await postgres.createDatabase())
      const broker = await line(redis.url)
      const { behaviour, finish } = endless()
      model.behave(behaviour)
      const server = await startServer({
        ...env,
        // Waits long enough for all its steps; a developer who wants it gone gets it ended after four seconds.
        NODE_ENV: 'production',
        TRUST_CLIENT_USER_ID: '',
        BETTER_AUTH_SECRET: 's'.repeat(32),
        DATABASE_URL: database.url,
        REDIS_URL: broker.url,
        DATA_DIR: await dataDirectory(),
      })
      const idle = await connectPlain(server.url, { transports: ['polling'] })
      const left = new Promise<string>((resolve) => idle.socket.once('disconnect', resolve))
      const session = await openClient(server.url, guestCredentials(server.url)).join({ personaId: 'wren' })
      await session.send('Tell me everything')
      await until(() => session.state.get().live.size > 0)
      for (const held of [database, broker]) held.hold()
      server.child.kill('SIGTERM')
      finish()
      // The server itself gives up after 30 s, and then not with 0.
      expect(await server.ended).toEqual({ code: 0, signal: null })
      await left
    })
  })
})

async function line(url: string): Promise<CutLine> {
  const opened = await openLine(url)
  onTestFinished(() => opened.close())
  return opened
}
