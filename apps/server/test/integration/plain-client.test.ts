import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Parley, startParley } from '../harness/parley.ts'
import { connectPlain, type PlainSocket } from '../harness/plain-socket.ts'

/** The word that the local moderator is documented to flag. */
const FLAGGED = 'what a fucking mess'

describe('a plain Socket.IO client, no package of ours and no acks', () => {
  let parley: Parley
  let plain: PlainSocket

  beforeAll(async () => {
    parley = await startParley({ env: { TRUST_CLIENT_USER_ID: '1' } })
  })
  afterAll(() => parley.remove())

  const connect = async () => {
    plain = await connectPlain(parley.url)
    return plain
  }

  it('connects, says who it is, joins, sends and receives the reply', async () => {
    const { socket, next, close } = await connect()
    socket.emit('chat:auth', { userId: 'plain-1' })
    socket.emit('chat:join', { personaId: 'wren' })
    const session = await next('chat:session')
    expect(session.id).toEqual(expect.any(String))

    socket.emit('chat:message', { sessionId: session.id, content: 'Hello there' })
    const response = await next('chat:response')
    expect(response).toMatchObject({
      id: expect.any(String),
      sender: 'ai',
      content: expect.stringMatching(/\w/),
    })
    expect(new Date(String(response.createdAt)).toISOString()).toBe(response.createdAt)
    close()
  })

  it('[A1] hears NOT_AUTHENTICATED for everything before chat:auth', async () => {
    const { socket, next, close } = await connect()
    socket.emit('chat:join', { personaId: 'wren' })
    expect(await next('chat:error')).toMatchObject({ error: 'NOT_AUTHENTICATED', event: 'chat:join' })
    socket.emit('chat:message', { sessionId: 'any', content: 'Hello' })
    const second = await next('chat:error', (error) => error.event === 'chat:message')
    expect(second).toMatchObject({ error: 'NOT_AUTHENTICATED' })
    close()
  })

  it('[A2] hears SESSION_NOT_FOUND for a made-up session', async () => {
    const { socket, next, close } = await connect()
    socket.emit('chat:auth', { userId: 'plain-2' })
    socket.emit('chat:message', { sessionId: 'made-up', content: 'Hello' })
    expect(await next('chat:error')).toMatchObject({ error: 'SESSION_NOT_FOUND' })
    close()
  })

  it('hears MODERATION_FAILED for flagged content, and nothing is stored', async () => {
    const { socket, next, ask, close } = await connect()
    socket.emit('chat:auth', { userId: 'plain-3' })
    socket.emit('chat:join', { personaId: 'wren' })
    const session = await next('chat:session')
    socket.emit('chat:message', { sessionId: session.id, content: FLAGGED })
    expect(await next('chat:error')).toMatchObject({ error: 'MODERATION_FAILED' })
    const page = await ask('chat:history', { sessionId: session.id })
    expect(page).toMatchObject({ ok: true, data: { messages: [{ sender: 'ai', seq: 1 }] } })
    close()
  })
})
