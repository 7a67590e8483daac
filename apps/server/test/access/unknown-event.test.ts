import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Parley, startParley } from '../harness/parley.ts'
import { connectPlain } from '../harness/plain-socket.ts'

describe('[C2] an event that the contract does not know', () => {
  let parley: Parley
  beforeAll(async () => {
    parley = await startParley()
  })
  afterAll(() => parley.remove())

  it('is answered through its ack', async () => {
    const { ask, close } = await connectPlain(parley.url)
    const answer = await ask('chat:dance', { with: 'me' })
    expect(answer).toMatchObject({ ok: false, error: { error: 'INVALID_PAYLOAD', event: 'chat:dance' } })
    close()
  })

  it('is answered by chat:error without one, also when it is named like a part of every object', async () => {
    const { socket, next, close } = await connectPlain(parley.url)
    for (const event of ['chat:dance', 'constructor', '__proto__', 'toString']) {
      socket.emit(event, {})
      expect(await next('chat:error', (error) => error.event === event)).toMatchObject({
        error: 'INVALID_PAYLOAD',
      })
    }
    close()
  })
})
