import { readdir } from 'node:fs/promises'
import { guestCredentials } from '@parley/client'
import { describe, expect, it } from 'vitest'
import { connectPlain, type Frame, record } from '../harness/plain-socket.ts'
import { say } from '../model-server/behaviour.ts'
import { endless, useModel } from './model.ts'
import { named, openClient, openVisitor, until, type Visitor } from './people.ts'
import { dataDirectory, launchServer, startServer, TIMEOUT_MS } from './server-process.ts'

describe('a server that is told to end', { timeout: TIMEOUT_MS }, () => {
  it('case j1: [S2] lets replies end, hands the rest over, sends everybody away and exits with 0', async () => {
    const { env, model } = await useModel()
    const settings = { ...env, DATA_DIR: await dataDirectory() }
    const server = await startServer(settings)
    const polling = await connectPlain(server.url, { transports: ['polling'] })
    const { behaviour, finish } = endless()
    model.behave(behaviour, 1)
    const ending = await speaking(server.url, 'ada')
    model.behave(endless().behaviour)
    const goingOn = [await speaking(server.url, 'ben'), await speaking(server.url, 'cem')]
    const visitors = [ending, ...goingOn]
    const gone = [polling, ...visitors].map(
      ({ socket }) => new Promise<string>((resolve) => socket.once('disconnect', resolve)),
    )

    // A terminal and the programs between it and the server each send one.
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGINT'] as const) server.child.kill(signal)
    await until(async () => (await fetch(`${server.url}/readyz`)).status === 503)
    expect((await fetch(`${server.url}/healthz`)).status).toBe(200)
    finish()
    const ended = await ending.next('chat:response')
    expect(ended).toMatchObject({ status: 'complete', content: shown(ending.frames) })
    expect(await server.ended).toEqual({ code: 0, signal: null })
    await Promise.all(gone)
    expect(await Promise.all(model.requests.map((request) => request.ended))).toEqual([
      'finished',
      'left',
      'left',
    ])
    expect(goingOn.flatMap(({ frames }) => frames.filter(({ event }) => event === 'chat:response'))).toEqual(
      [],
    )

    // Nothing that was shown before the hand-over is lost: the next one goes on from there.
    model.behave(say('and so to the end.'))
    const next = await startServer({ ...settings, OPENAI_CONTINUE_PREFIX: '1' })
    for (const [index, userId] of ['ben', 'cem'].entries()) {
      const session = await openClient(next.url, named(userId)).join({ personaId: 'wren' })
      const reply = () => session.state.get().messages.at(-1)
      await until(() => reply()?.status !== 'live')
      expect(reply()).toMatchObject({
        status: 'complete',
        content: `${shown(goingOn[index]?.frames ?? [])}and so to the end.`,
      })
    }
  })
})

describe('a server that is told to end at once', { timeout: TIMEOUT_MS }, () => {
  it('[S2] does so when it is told again later', async () => {
    const { env, model } = await useModel()
    model.behave(endless().behaviour)
    // In production it would wait for the reply for far longer than this test may take.
    const settings = {
      ...env,
      NODE_ENV: 'production',
      TRUST_CLIENT_USER_ID: '',
      RESPONSE_TIMEOUT_MS: '600000',
    }
    const server = await startServer({ ...settings, DATA_DIR: await dataDirectory() })
    const session = await openClient(server.url, guestCredentials(server.url)).join({ personaId: 'wren' })
    await session.send('Tell me everything')
    await until(() => session.state.get().live.size > 0)
    let over = false
    void server.ended.then(() => {
      over = true
    })
    await until(() => {
      if (!over) server.child.kill('SIGTERM')
      return over
    })
    expect(await server.ended).toEqual({ code: 1, signal: null })
  })

  it('[S2] does so while it starts, and the next start is none the worse', async () => {
    const DATA_DIR = await dataDirectory()
    const program = launchServer({ DATA_DIR })
    await until(async () => (await readdir(DATA_DIR)).some((name) => name.startsWith('lock.')))
    expect(await program.end('SIGTERM')).toEqual({ code: 0, signal: null })
    expect(program.stdout()).toBe('')
    await startServer({ DATA_DIR })
  })
})

/** Somebody whose reply is being written. */
async function speaking(url: string, userId: string): Promise<Visitor> {
  const visitor = await openVisitor(url, userId)
  const asked = { sessionId: visitor.sessionId, content: 'Tell me everything' }
  await visitor.ask('chat:message', asked)
  await visitor.next('chat:delta')
  return visitor
}

function shown(frames: readonly Frame[]): string {
  return frames
    .filter(({ event }) => event === 'chat:delta')
    .map(({ args }) => String(record(args[0]).text))
    .join('')
}
