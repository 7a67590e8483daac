import { createChatClient, type OutboxStorage } from '@parley/client'
import { expect, it, onTestFinished } from 'vitest'
import { startParley } from '../harness/parley.ts'

const HUGE = 'x'.repeat(2 * 1024 * 1024)
const credentials = async () => ({ userId: 'ada' })

it('case a6: [M5] 2 MB never leave the client, said now or found in its storage, and what follows goes', async () => {
  const parley = await startParley({ env: { TRUST_CLIENT_USER_ID: '1' } })
  onTestFinished(() => parley.remove())
  const open = (outbox?: OutboxStorage) => {
    const client = createChatClient({ url: parley.url, credentials, outbox })
    onTestFinished(() => client.close())
    return client
  }
  const { id: sessionId } = await open().join({ personaId: 'wren' })
  // Of a version whose limit was another one, or of somebody who wrote into the browser's storage.
  const stored = { clientMessageId: 'stored', content: HUGE, replaces: null, place: 1, error: null }
  const claim = async () => [{ userId: 'ada', sessionId, ...stored }]
  const client = open({ claim, put: () => undefined, remove: () => undefined })
  const states: string[] = []
  client.connection.subscribe(() => states.push(client.connection.get().status))

  const session = await client.join({ personaId: 'wren' })
  await expect(session.send(HUGE)).rejects.toMatchObject({ code: 'INVALID_PAYLOAD', path: 'content' })
  expect(await session.finishedReply(await session.send('Hello'))).toMatchObject({ status: 'complete' })
  expect(session.state.get().pending).toMatchObject([{ clientMessageId: 'stored', status: 'failed' }])
  // A frame of that size would have cost the connection.
  expect(states).toEqual(['online'])
})
