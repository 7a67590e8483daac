import { limits } from '@parley/protocol'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Parley, startParley } from '../harness/parley.ts'
import { converse, must, type Opened, openSession } from './opened.ts'
import { emitRaw, engineUrl, enterRaw } from './raw-socket.ts'

/** The code of a WebSocket that is closed for a message that is too big. */
const TOO_BIG = 1009

describe('case a6: frames over the limit', () => {
  let parley: Parley
  let bystander: Opened

  beforeAll(async () => {
    parley = await startParley({ env: { TRUST_CLIENT_USER_ID: '1' } })
    bystander = await openSession(parley.url, 'bystander')
  })
  afterAll(async () => {
    bystander.close()
    await parley.remove()
  })

  const framed = (bytes: number) => {
    const event = (content: string) =>
      `42/chat,${JSON.stringify(['chat:leave', { sessionId: 'x', content }])}`
    return event('x'.repeat(bytes - Buffer.byteLength(event(''))))
  }

  it('one frame too big drops its connection alone, and the next connection works', async () => {
    const raw = await enterRaw(parley.url)
    raw.ws.send(framed(limits.frameBytes + 1))
    expect(await raw.closed).toBe(TOO_BIG)
    expect(bystander.socket.connected).toBe(true)
    await converse(bystander)

    const next = await openSession(parley.url, 'sender')
    await converse(next)
    next.close()
  })

  it('a message in pieces counts as a whole', async () => {
    const raw = await enterRaw(parley.url)
    const piece = 'x'.repeat(limits.frameBytes / 2)
    raw.ws.send(piece, { fin: false })
    raw.ws.send(piece, { fin: false })
    raw.ws.send('x', { fin: true })
    expect(await raw.closed).toBe(TOO_BIG)
  })

  it('a frame of exactly the limit is read', async () => {
    const raw = await enterRaw(parley.url)
    emitRaw(raw, 'chat:auth', { userId: 'sender' })
    raw.ws.send(framed(limits.frameBytes))
    emitRaw(raw, 'chat:history', { sessionId: 'made-up' })
    expect(await raw.frame((frame) => frame.includes('chat:error'))).toContain('SESSION_NOT_FOUND')
    raw.ws.terminate()
  })

  it('a polling body too big is refused and the server goes on', async () => {
    const opened = await (await fetch(engineUrl(parley.url, 'polling'))).text()
    const sid: unknown = JSON.parse(opened.slice(1)).sid
    const body = framed(limits.frameBytes + 1)
    // The server hangs up while the body is still on its way, so either may be seen.
    const status = await fetch(engineUrl(parley.url, 'polling', String(sid)), { method: 'POST', body }).then(
      (response) => response.status,
      () => 'hung up',
    )
    expect([413, 400, 'hung up']).toContain(status)
    expect(await bystander.ask('chat:leave', { sessionId: 'x' })).toMatchObject({ ok: true })
  })

  it('[M5] the longest content fits in a frame, whatever its characters; one more is refused by its path', async () => {
    const sender = await openSession(parley.url, 'longest')
    const { sessionId } = sender
    for (const character of ['😀', '"', '\u0001', '漢']) {
      const content = `${'x'}${character.repeat(limits.contentCodePoints - 1)}`
      const said = await must(sender, 'chat:message', { sessionId, content })
      expect(said).toMatchObject({
        change: { messages: expect.arrayContaining([expect.objectContaining({ content })]) },
      })
      const tooLong = await sender.ask('chat:message', { sessionId, content: `${content}${character}` })
      expect(tooLong).toMatchObject({ ok: false, error: { error: 'INVALID_PAYLOAD', path: 'content' } })
    }
    sender.close()
  })
})
