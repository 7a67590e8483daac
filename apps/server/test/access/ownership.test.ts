import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Parley, startParley } from '../harness/parley.ts'
import { converse, errorAfter, type Opened, openSession } from './opened.ts'
import { everyEvent, fieldsOf, sample } from './sample.ts'

describe('[A2] case f2: what belongs to somebody else', () => {
  let parley: Parley
  let ada: Opened
  let bob: Opened
  let owned: { sessionId: string; messageId: string; replyId: string }

  beforeAll(async () => {
    parley = await startParley({ env: { TRUST_CLIENT_USER_ID: '1' } })
    ada = await openSession(parley.url, 'ada')
    bob = await openSession(parley.url, 'bob')
    owned = { sessionId: ada.sessionId, ...(await converse(ada)) }
  })
  afterAll(async () => {
    ada.close()
    bob.close()
    await parley.remove()
  })

  const madeUp = () => ({ sessionId: randomUUID(), messageId: randomUUID(), replyId: randomUUID() })

  /** An answer as bytes, without what names the request. */
  const bytes = (answer: object, ids: Record<string, string>) =>
    Object.entries(ids).reduce(
      (text, [name, id]) => text.replaceAll(id, name),
      JSON.stringify(answer).replace(/"requestId":"[^"]+"/, '"requestId":"…"'),
    )

  const byAck = async (event: string, payload: object, ids: Record<string, string>) =>
    bytes(await bob.ask(event, payload), ids)

  const byError = async (event: string, payload: object, ids: Record<string, string>) =>
    bytes(await errorAfter(bob, () => bob.socket.emit(event, payload)), ids)

  const ofSessions = everyEvent.filter((event) => fieldsOf(event).includes('sessionId'))
  const ofMessages = ofSessions.filter((event) => /messageId|replyId/.test(fieldsOf(event).join()))

  it.each(ofSessions)('%s answers a foreign session as one that does not exist', async (event) => {
    const none = madeUp()
    const foreign = await byAck(event, sample(event, owned), owned)
    expect(foreign).toBe(await byAck(event, sample(event, none), none))
    if (foreign.includes('"ok":true')) return
    expect(await byError(event, sample(event, owned), owned)).toBe(
      await byError(event, sample(event, none), none),
    )
  })

  it.each(ofMessages)('%s answers a foreign message in a session of mine as none', async (event) => {
    const mine = { sessionId: bob.sessionId }
    const none = { ...madeUp(), ...mine }
    const foreign = { ...owned, ...mine }
    const answer = await byAck(event, sample(event, foreign), foreign)
    expect(answer).toContain('"ok":false')
    expect(answer).toBe(await byAck(event, sample(event, none), none))
  })

  it('a refused event leaves its sender in no room: a later turn does not reach it', async () => {
    for (const event of ofSessions) await bob.ask(event, sample(event, owned))
    await converse(ada, 'Is anybody listening?')
    // Answered after the turn, on the same connection, so what it was sent has come by now.
    await bob.ask('chat:history', { sessionId: bob.sessionId })
    expect(JSON.stringify(bob.frames)).not.toContain(ada.sessionId)
    expect(ada.frames.some(({ event }) => event === 'chat:delta')).toBe(true)
  })

  it('a refused event changes nothing of the session', async () => {
    const before = await ada.ask('chat:sync', { sessionId: ada.sessionId, afterRevision: 0 })
    for (const event of ofSessions) await bob.ask(event, sample(event, owned))
    expect(await ada.ask('chat:sync', { sessionId: ada.sessionId, afterRevision: 0 })).toEqual(before)
  })
})
