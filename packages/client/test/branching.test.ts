import type { Change } from '@parley/protocol'
import { expect, it } from 'vitest'
import type { ChatSession } from '../src/index.ts'
import { closedGate, until, useStage } from './connected.ts'
import { change, messageRow, replyRow } from './rows.ts'
import { Refusal } from './scripted-server.ts'

const stage = useStage()
const shown = (session: ChatSession) => session.state.get().messages.map((row) => row.id)

async function begun(): Promise<ChatSession> {
  const session = await stage.client().join({ personaId: 'p1' })
  await session.send('Hi')
  stage.server.finish(1, 'Hello')
  await until(() => session.state.get().messages.at(-1)?.status, 'complete')
  return session
}

/** Commits an edit of m1, or a regeneration of its reply, once per id. */
function brancher() {
  const done = new Map<string, Change>()
  return (id: string, make: (revision: number) => Change) => {
    const earlier = done.get(id)
    if (earlier) return { change: earlier, duplicate: true }
    const made = make(stage.server.snapshot.session.revision)
    done.set(id, made)
    stage.server.apply(made)
    return { change: made, duplicate: false }
  }
}

const another = (at: number): Change =>
  change(at, at + 1, 'r1b', [replyRow('r1b', at + 1, 'm1', { siblingIds: ['r1', 'r1b'] })])

function instead(content: string, clientMessageId: string) {
  return (at: number): Change => {
    const over = { parentId: 'greeting', content, clientMessageId, replyId: 'rb', siblingIds: ['m1', 'mb'] }
    return change(at, at + 2, 'rb', [messageRow('mb', at + 1, over), replyRow('rb', at + 2, 'mb')])
  }
}

it('[M6] a regeneration shows the new reply beside the earlier one', async () => {
  const session = await begun()
  stage.server.script = { 'chat:regenerate': () => brancher()('a', another) }
  expect(await session.regenerate('r1')).toMatchObject({ id: 'r1b', status: 'live' })
  expect(shown(session)).toEqual(['greeting', 'm1', 'r1b'])
})

it('[M2] a regeneration whose answer was lost is asked again under its id and done once', async () => {
  const { server } = stage
  const session = await begun()
  const commit = brancher()
  let answers = 0
  server.script = {
    'chat:regenerate': ({ clientRequestId }) => {
      const committed = commit(clientRequestId ?? '', another)
      if (++answers === 1) server.cut()
      return committed
    },
  }
  expect(await session.regenerate('r1')).toMatchObject({ id: 'r1b' })
  const [one, two] = server.payloadsOf('chat:regenerate')
  expect(two).toEqual(one)
  expect(shown(session)).toEqual(['greeting', 'm1', 'r1b'])
})

it('[M2] an edit whose answer was lost is sent again under its id, in its place at once and once', async () => {
  const { server } = stage
  const session = await begun()
  const commit = brancher()
  let answers = 0
  server.script = {
    'chat:edit': ({ content, clientMessageId = '' }) => {
      const committed = commit(clientMessageId, instead(content, clientMessageId))
      if (++answers === 1) server.cut()
      return committed
    },
  }
  const sent = session.edit('m1', 'Better')
  expect(session.state.get().pending).toMatchObject([{ content: 'Better', replaces: 'm1' }])
  expect(await sent).toMatchObject({ id: 'mb', content: 'Better' })
  expect(shown(session)).toEqual(['greeting', 'mb', 'rb'])
  expect(session.state.get().pending).toEqual([])
})

it('[M6] a refused edit leaves everything as it was and keeps its text, to be sent again under its id', async () => {
  const { server } = stage
  const session = await begun()
  server.script = {
    'chat:edit': () => {
      throw new Refusal('MODERATION_FAILED')
    },
  }
  await expect(session.edit('m1', 'Rude')).rejects.toMatchObject({ code: 'MODERATION_FAILED' })
  expect(shown(session)).toEqual(['greeting', 'm1', 'r1'])
  const [failed] = session.state.get().pending
  expect(failed).toMatchObject({ content: 'Rude', replaces: 'm1', status: 'failed' })
  const id = failed?.clientMessageId ?? ''
  server.script = { 'chat:edit': ({ content }) => brancher()(id, instead(content, id)) }
  expect(await session.resend(id)).toMatchObject({ id: 'mb' })
  expect(server.payloadsOf('chat:edit')).toEqual(
    Array(2).fill({ sessionId: 's1', messageId: 'm1', content: 'Rude', clientMessageId: id }),
  )
})

it('an edit waits for what was sent before it', async () => {
  const { server } = stage
  const session = await begun()
  const gate = closedGate()
  server.script = {
    'chat:message': async ({ content, clientMessageId }) => {
      await gate.opened
      return server.commit(clientMessageId ?? null, content)
    },
    'chat:edit': ({ content, clientMessageId = '' }) =>
      brancher()(clientMessageId, instead(content, clientMessageId)),
  }
  const sent = [session.send('two'), session.edit('m1', 'Better')]
  await until(() => server.payloadsOf('chat:message').length, 2)
  expect(server.payloadsOf('chat:edit')).toEqual([])
  gate.open()
  await Promise.all(sent)
  expect(shown(session)).toEqual(['greeting', 'mb', 'rb'])
})

it('[M6] a branch that is chosen is shown by the page of the answer; a refusal is told', async () => {
  const { server } = stage
  const session = await begun()
  const other = [
    ...server.snapshot.messages.slice(0, 1),
    messageRow('mc', 2, { parentId: 'greeting' }),
    replyRow('rc', 3, 'mc', { status: 'complete' }),
  ]
  server.script = {
    'chat:select': ({ messageId }) => {
      if (messageId !== 'mc') throw new Refusal('MESSAGE_NOT_FOUND')
      const { revision } = server.snapshot.session
      return { messages: other, hasMore: false, change: change(revision, revision + 1, 'rc', []) }
    },
  }
  await expect(session.select('nobody')).rejects.toMatchObject({ code: 'MESSAGE_NOT_FOUND' })
  await session.select('mc')
  expect(shown(session)).toEqual(['greeting', 'mc', 'rc'])
})

it('without a connection neither is asked for, and an edit waits', async () => {
  const session = await begun()
  stage.server.admit = () => new Promise(() => undefined)
  stage.server.cut()
  await until(() => stage.clients[0]?.connection.get().status, 'reconnecting')
  await expect(session.regenerate('r1')).rejects.toMatchObject({ code: 'DISCONNECTED' })
  await expect(session.select('r1')).rejects.toMatchObject({ code: 'DISCONNECTED' })
  void session.edit('m1', 'Later').catch(() => undefined)
  expect(session.state.get().pending).toMatchObject([{ status: 'queued', replaces: 'm1' }])
})
