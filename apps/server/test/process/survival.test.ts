import { connect } from 'node:net'
import { describe, expect, it } from 'vitest'
import { connectPlain } from '../harness/plain-socket.ts'
import { startModelServer } from '../model-server/server.ts'
import { endless, useModel } from './model.ts'
import { openVisitor, until } from './people.ts'
import { dataDirectory, startServer, TIMEOUT_MS } from './server-process.ts'

describe('a server whose clients and model break off', { timeout: TIMEOUT_MS }, () => {
  it('[C2] goes on without a complaint', async () => {
    const { env, model } = await useModel()
    const server = await startServer({ ...env, DATA_DIR: await dataDirectory() })

    // Pages that close while they join, and while what they said is handled.
    for (let round = 0; round < 10; round++) {
      const { socket } = await connectPlain(server.url)
      socket.emit('chat:auth', { userId: `guest-${round}` })
      socket.emit('chat:join', { personaId: 'wren' })
      socket.io.engine.close()
      const visitor = await openVisitor(server.url, `guest-${round}`)
      visitor.socket.emit('chat:message', { sessionId: visitor.sessionId, content: 'Hello' })
      visitor.socket.emit('chat:sync', { sessionId: visitor.sessionId, afterRevision: 0 })
      visitor.socket.io.engine.close()
    }
    // Lines that break in the middle of a request and of a handshake.
    const port = Number(new URL(server.url).port)
    for (const words of [
      'POST /api/auth/sign-in/anonymous HTTP/1.1\r\nHost: localhost\r\nContent-Length: 50\r\n\r\n{',
      'GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\n',
      'GET /api/personas HTTP/1.1\r\nHost: localhost\r\n\r\n',
    ]) {
      const line = connect(port, '127.0.0.1')
      await new Promise<void>((resolve) => line.end(words, () => resolve()))
      line.destroy()
    }

    // A model that dies while it speaks and another one in its place.
    model.behave(endless().behaviour)
    const visitor = await openVisitor(server.url)
    const say = (content: string) => visitor.ask('chat:message', { sessionId: visitor.sessionId, content })
    await say('Hello')
    await visitor.next('chat:delta')
    await model.close()
    expect(await visitor.next('chat:response')).toMatchObject({ status: 'failed', error: 'AI_UNAVAILABLE' })
    const other = await startModelServer(Number(new URL(model.url).port))
    await say('And now?')
    await visitor.next('chat:response', ({ content }) => content === 'You said: And now?')
    await other.close()

    await until(async () => (await fetch(`${server.url}/readyz`)).status === 200)
    expect(server.stderr()).toBe('')
    expect(server.stdout()).not.toMatch(/ERROR|rejection/)
    expect(await server.end('SIGTERM')).toEqual({ code: 0, signal: null })
  })
})
