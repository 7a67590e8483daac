import { guestCredentials } from '@parley/client'
import { describe, expect, it } from 'vitest'
import { record } from '../harness/plain-socket.ts'
import { echo, say } from '../model-server/behaviour.ts'
import { endless, useModel } from './model.ts'
import { named, openClient, openVisitor, until } from './people.ts'
import { dataDirectory, startServer, TIMEOUT_MS } from './server-process.ts'

describe('a server that is started again on the same data', { timeout: TIMEOUT_MS }, () => {
  it('[R3] [C4] has every session, and its clients go on by themselves as who they were', async () => {
    const { env } = await useModel()
    const settings = { ...env, TRUST_CLIENT_USER_ID: '', DATA_DIR: await dataDirectory() }
    const first = await startServer(settings)
    const credentials = guestCredentials(first.url)
    const client = openClient(first.url, credentials, { reconnectAttempts: 1_000, reconnectMaxMs: 200 })
    const session = await client.join({ personaId: 'wren' })
    await session.finishedReply(await session.send('one'))
    expect(await first.end('SIGTERM')).toEqual({ code: 0, signal: null })
    await until(() => client.connection.get().status === 'reconnecting')
    const sent = session.send('two, said while nobody listened')

    await startServer({ ...settings, PORT: new URL(first.url).port })
    await session.finishedReply(await sent)
    const conversation = [
      session.persona.greeting,
      'one',
      'You said: one',
      'two, said while nobody listened',
      'You said: two, said while nobody listened',
    ]
    expect(session.state.get().messages.map(({ content }) => content)).toEqual(conversation)
    // Somebody who knows nothing but the guest's token finds the same.
    const again = await openClient(first.url, credentials).join({ personaId: 'wren' })
    expect(again.id).toBe(session.id)
    expect(again.state.get().messages).toEqual(session.state.get().messages)
  })
})

describe('a server that was killed in the middle of a reply', { timeout: TIMEOUT_MS }, () => {
  it('case b10: [R3] [R4] finishes the reply under the next epoch, and goes on', async () => {
    const { env, model } = await useModel()
    const { behaviour } = endless()
    const settings = { ...env, LOG_LEVEL: 'info', DATA_DIR: await dataDirectory() }
    const first = await startServer(settings)
    const visitor = await openVisitor(first.url)
    model.behave(behaviour, 1)
    const shown = () => shownText(visitor.frames)
    const ask = (content: string) => visitor.ask('chat:message', { sessionId: visitor.sessionId, content })
    const acks = [await ask('first'), await ask('second'), await ask('third')]
    expect(acks.map(({ ok }) => ok)).toEqual([true, true, true])
    // Several flushes lie behind this much text.
    await until(() => shown().length > 600)
    await first.end('SIGKILL')
    model.behave(say('All over again, and to the end.'), 1)
    const second = await startServer(settings)
    // Nobody else can have the directory, so no lease is waited for: it is taken over before anybody is served.
    expect(second.stdout()).toMatch(/reply taken over.*Parley is ready/s)
    const session = await openClient(second.url, named()).join({ personaId: 'wren' })
    expect(session.id).toBe(visitor.sessionId)
    const replies = () => session.state.get().messages.filter(({ sender, seq }) => sender === 'ai' && seq > 1)
    await until(() => replies().every(({ status }) => status !== 'live' && status !== 'waiting'))
    expect(replies().map(({ status, content }) => [status, content])).toEqual([
      ['complete', 'All over again, and to the end.'],
      ['complete', 'You said: second'],
      ['complete', 'You said: third'],
    ])
    await session.finishedReply(await session.send('still there?'))
    expect(session.state.get().messages.at(-1)?.content).toBe('You said: still there?')
  })

  it('[M1] loses nothing that it acknowledged, however often that happens', async () => {
    const { env, model } = await useModel()
    const settings = { ...env, DATA_DIR: await dataDirectory() }
    const acknowledged: string[] = []
    for (const round of ['a', 'b']) {
      const server = await startServer(settings)
      const visitor = await openVisitor(server.url)
      model.behave(endless().behaviour)
      for (const content of [`${round}1`, `${round}2`, `${round}3`]) {
        const answer = await visitor.ask('chat:message', { sessionId: visitor.sessionId, content })
        if (answer.ok === true) acknowledged.push(content)
      }
      await visitor.next('chat:delta')
      await server.end('SIGKILL')
    }
    // Three may wait behind the one that is being written; the first one is, again, after the restart.
    expect(acknowledged).toEqual(['a1', 'a2', 'a3', 'b1'])
    model.behave(echo())
    const last = await startServer(settings)
    const session = await openClient(last.url, named()).join({ personaId: 'wren' })
    await until(() =>
      session.state.get().messages.every(({ status }) => status !== 'live' && status !== 'waiting'),
    )
    const said = session.state.get().messages.filter(({ sender }) => sender === 'user')
    expect(said.map(({ content }) => content)).toEqual(acknowledged)
  })
})

function shownText(frames: readonly { readonly event: string; readonly args: readonly unknown[] }[]): string {
  return frames
    .filter(({ event }) => event === 'chat:delta')
    .map(({ args }) => String(record(args[0]).text))
    .join('')
}
