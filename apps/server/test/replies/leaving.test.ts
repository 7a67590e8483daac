import { rm } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { openSession, say } from '../access/opened.ts'
import { startParley } from '../harness/parley.ts'
import { connectPlain } from '../harness/plain-socket.ts'
import { startModelServer } from '../model-server/server.ts'
import { byHand } from './by-hand.ts'
import { modelEnv } from './stage.ts'
import { until } from './until.ts'

describe('[S2] a server that is told to end', () => {
  it('[M4] leaves what waits behind the live reply to the next one, and takes nobody new', async () => {
    const model = await startModelServer()
    const hand = byHand()
    model.behave(hand.behaviour)
    const first = await startParley({ env: modelEnv(model) })
    const person = await openSession(first.url, 'leaver')
    await say(person, 'one')
    const { replyId: waiting } = await say(person, 'two')

    const live = await hand.next()
    live.say('The first ')
    const closed = first.close()
    await until(async () => (await fetch(`${first.url}/readyz`)).status === 503)
    await expect(connectPlain(first.url)).rejects.toThrow()
    const refused = await person.ask('chat:message', { sessionId: person.sessionId, content: 'three' })
    expect(refused).toMatchObject({ ok: false, error: { error: 'BUSY' } })
    live.say('answer')
    live.finish()
    expect(await person.next('chat:response')).toMatchObject({
      status: 'complete',
      content: 'The first answer',
    })
    await closed
    expect(model.requests).toHaveLength(1)

    const second = await startParley({ env: modelEnv(model), dataDir: first.dataDir })
    const later = await openSession(second.url, 'leaver')
    const next = await hand.next()
    next.say('The second answer')
    next.finish()
    const response = await later.next('chat:response')
    expect(response).toMatchObject({ id: waiting, status: 'complete', content: 'The second answer' })
    await second.remove()
    await model.close()
    await rm(first.dataDir, { recursive: true, force: true })
  })
})
