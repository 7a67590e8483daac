import { expect, it } from 'vitest'
import { closedGate, quick, until, useStage } from './connected.ts'
import { Refusal } from './scripted-server.ts'

const stage = useStage()
const open = () => stage.client().join({ personaId: 'p1' })

it('case a1: each message shows at once and says its state; one at a time is sent, in order', async () => {
  const { server } = stage
  const session = await open()
  const gate = closedGate()
  server.script = {
    'chat:message': async ({ content, clientMessageId }) => {
      await gate.opened
      return server.commit(clientMessageId ?? null, content)
    },
  }
  const sent = ['one', 'two', 'three'].map((content) => session.send(content))
  expect(session.state.get().pending.map((entry) => entry.content)).toEqual(['one', 'two', 'three'])
  await until(() => server.payloadsOf('chat:message').length, 1)
  expect(session.state.get().pending.map((entry) => entry.status)).toEqual(['sending', 'queued', 'queued'])
  gate.open()
  const messages = await Promise.all(sent)
  expect(messages.map((row) => row.seq)).toEqual([2, 4, 6])
  expect(session.state.get().pending).toEqual([])
})

it('case c7: a refused message keeps its text and error, steps aside, and can be sent again', async () => {
  const { server } = stage
  const session = await open()
  server.script = {
    'chat:message': ({ content, clientMessageId }) => {
      if (content === 'bad') throw new Refusal('MODERATION_FAILED')
      return server.commit(clientMessageId ?? null, content)
    },
  }
  const bad = session.send('bad')
  const good = session.send('good')
  const error = { code: 'MODERATION_FAILED', retryable: false, message: 'Refused: MODERATION_FAILED.' }
  await expect(bad).rejects.toMatchObject(error)
  await good
  const [failed] = session.state.get().pending
  expect(failed).toMatchObject({ content: 'bad', status: 'failed', error })
  server.script = {}
  const id = failed?.clientMessageId ?? ''
  expect(await session.resend(id)).toMatchObject({ content: 'bad', clientMessageId: id })
  expect(session.state.get().pending).toEqual([])
  expect(session.discard(id)).toBe(false)
})

it('[M5] a text that the contract does not allow is refused before it is sent', async () => {
  const session = await open()
  for (const content of ['  \n', 'x'.repeat(8_001)]) {
    await expect(session.send(content)).rejects.toMatchObject({ code: 'INVALID_PAYLOAD', path: 'content' })
  }
  expect(session.state.get().pending).toEqual([])
  await session.send('a\0b')
  expect(stage.server.payloadsOf('chat:message')).toMatchObject([{ content: 'ab' }])
})

it('[C2] a server that never answers: TIMEOUT after a bounded number of tries, and the text stays', async () => {
  stage.server.script = { 'chat:message': () => new Promise(() => undefined) }
  const client = stage.client({ timing: { ...quick, requestTimeoutMs: 50, sendTries: 2 } })
  const session = await client.join({ personaId: 'p1' })
  await expect(session.send('Hi')).rejects.toMatchObject({ code: 'TIMEOUT', retryable: true })
  expect(session.state.get().pending).toMatchObject([{ content: 'Hi', status: 'failed' }])
  expect(stage.server.payloadsOf('chat:message')).toHaveLength(2)
})

it('[C1] an answer that does not fit is counted, and the message is asked for again under its id', async () => {
  const { server } = stage
  const client = stage.client()
  const session = await client.join({ personaId: 'p1' })
  server.script = {
    'chat:message': ({ content, clientMessageId }) => {
      server.script = {}
      const committed = server.commit(clientMessageId ?? null, content)
      return { ...committed, change: { ...committed.change, revision: -1 } }
    },
  }
  expect(await session.send('Hi')).toMatchObject({ id: 'm1' })
  expect(client.badFrames).toBe(1)
  expect(session.state.get().messages.map((row) => row.id)).toEqual(['greeting', 'm1', 'r1'])
  expect(session.state.get().pending).toEqual([])
})
