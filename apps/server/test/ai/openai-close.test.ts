import { describe, expect, it } from 'vitest'
import { say } from '../model-server/behaviour.ts'
import { hang, hangAfter, refuse } from '../model-server/misbehaviour.ts'
import { ask, listenTo } from './parts.ts'
import { setStage } from './stage.ts'

describe('[R6] ending a reply from here', () => {
  it('case b7: an abort in the middle keeps the text, gives no end and closes the connection', async () => {
    const { server, newModel } = await setStage()
    server.behave(hangAfter('Two ', 'words'))
    const stop = new AbortController()
    const reply = await listenTo(newModel(), ask('Hello?'), stop.signal, (text) => {
      if (text === 'Two words') stop.abort()
    })
    expect(reply).toMatchObject({ text: 'Two words', end: null, fault: null })
    expect(await server.requests[0]?.ended).toBe('left')
    await server.requests[0]?.connectionClosed
    expect(server.requests).toHaveLength(1)
  })

  it('[R5] an abort before the first token, as at the time limit, closes the connection', async () => {
    const { server, newModel } = await setStage()
    server.behave(hang())
    const stop = new AbortController()
    const listening = listenTo(newModel(), ask('Hello?'), stop.signal)
    await expect.poll(() => server.requests.length).toBe(1)
    stop.abort()
    expect(await listening).toEqual({ pieces: [], text: '', end: null, fault: null })
    await server.requests[0]?.connectionClosed
    expect(server.requests).toHaveLength(1)
  })

  it('an abort while waiting for a retry ends the wait; nothing more is asked', async () => {
    const { server, waits, newModel } = await setStage()
    server.behave(refuse(503))
    const stop = new AbortController()
    const listening = listenTo(newModel({ limits: { retryBaseMs: 3_600_000 } }), ask('Hello?'), stop.signal)
    await expect.poll(() => waits.length).toBe(1)
    stop.abort()
    expect(await listening).toMatchObject({ end: null, fault: null })
    expect(server.requests).toHaveLength(1)
  })

  it('a signal that is aborted already asks for nothing', async () => {
    const { server, newModel } = await setStage()
    expect(await listenTo(newModel(), ask('Hello?'), AbortSignal.abort())).toMatchObject({ end: null })
    expect(server.requests).toHaveLength(0)
  })

  it('leaving the loop closes the connection', async () => {
    const { server, newModel } = await setStage()
    server.behave(say('A long answer. '.repeat(200), { delayMs: 5 }))
    for await (const event of newModel().stream(ask('Hello?'), new AbortController().signal)) {
      expect(event.type).toBe('text')
      break
    }
    expect(await server.requests[0]?.ended).toBe('left')
    await server.requests[0]?.connectionClosed
  })

  it('replies at the same time do not end one another', async () => {
    const { server, newModel } = await setStage()
    const model = newModel()
    server.behave(hangAfter('Stopped'), 1)
    server.behave(say('Goes on to its end.', { delayMs: 5 }), 1)
    const stop = new AbortController()
    const first = listenTo(model, ask('one'), stop.signal)
    await expect.poll(() => server.requests.length).toBe(1)
    const second = listenTo(model, ask('two'), new AbortController().signal, () => stop.abort())
    expect(await first).toMatchObject({ end: null, fault: null })
    expect(await second).toMatchObject({ text: 'Goes on to its end.', end: { reason: 'stop' } })
  })
})
