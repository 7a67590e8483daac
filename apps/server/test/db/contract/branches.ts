import { limits, type Message } from '@parley/protocol'
import { expect, it } from 'vitest'
import type { BranchResult, Store } from '../../../src/chat/ports.ts'
import { ended, finish, type Owned, PERSONA, piece, type Stage, say, sayLive, sure } from '../stage.ts'

/** Edits, regenerations and the choice of a branch. */
export function branchesContract(stage: () => Stage): void {
  editContract(stage)
  regenerateContract(stage)
  stoppingContract(stage)
  repeatContract(stage)
  selectContract(stage)
  replayContract(stage)
}

function editContract(stage: () => Stage): void {
  it('[M6] an edit makes a sibling with a reply of its own; the earlier rows stay and name it', async () => {
    const { store, session } = stage()
    const owned = await session()
    const first = await sayLive(store, owned, 'first')
    await finish(store, first.job, 'one')
    const { change, job, stopped } = committed(await edit(store, owned, first.message.id, 'better', 'e1'))
    const [old, message, reply] = change.messages
    expect(stopped).toEqual([])
    expect(change).toMatchObject({ prevRevision: 4, revision: 6, session: { activeLeafId: reply?.id } })
    const siblingIds = [first.message.id, message?.id]
    expect(old).toEqual({ ...first.message, revision: 5, siblingIds })
    expect(message).toMatchObject({
      content: 'better',
      parentId: first.message.parentId,
      clientMessageId: 'e1',
      replyId: reply?.id,
      seq: 5,
      siblingIds,
    })
    expect(reply).toMatchObject({
      status: 'live',
      parentId: message?.id,
      seq: 6,
      personaVersionId: PERSONA.id,
    })
    expect(job).toMatchObject({
      replyId: reply?.id,
      epoch: 1,
      context: [
        { sender: 'ai', content: PERSONA.greeting },
        { sender: 'user', content: 'better' },
      ],
    })
    await finish(store, job, 'two')
    expect((await shown(store, owned)).map(({ content }) => content)).toEqual([
      PERSONA.greeting,
      'better',
      'two',
    ])
    expect(change.session.title).toBe('first')
  })

  it('[M6][A2] only a message of the person in this session can be edited', async () => {
    const { store, session } = stage()
    const [owned, other] = [await session(), await session()]
    const { message, reply } = await say(store, owned, 'hi')
    const before = await store.snapshot(owned.userId, owned.sessionId)
    const greeting = sure(message.parentId)
    for (const id of [greeting, reply.id, 'nothing', (await say(store, other, 'foreign')).message.id]) {
      expect(await edit(store, owned, id, 'x')).toEqual({ outcome: 'message_not_found' })
    }
    const stranger = { ...owned, userId: other.userId }
    expect(await edit(store, stranger, message.id, 'x')).toEqual({ outcome: 'session_not_found' })
    expect(await store.snapshot(owned.userId, owned.sessionId)).toEqual(before)
  })
}

function regenerateContract(stage: () => Stage): void {
  it('[M6] a regeneration makes a sibling of the reply, asked by the reply or by what it answers', async () => {
    const { store, session } = stage()
    const owned = await session()
    const { message, reply, job } = await sayLive(store, owned, 'hi')
    await finish(store, job, 'one')
    const second = committed(await regenerate(store, owned, reply.id))
    expect(second.change).toMatchObject({ prevRevision: 4, revision: 5 })
    expect(second.job.context.map(({ content }) => content)).toEqual([PERSONA.greeting, 'hi'])
    await finish(store, second.job, 'two')
    const third = committed(await regenerate(store, owned, message.id))
    const siblingIds = [reply.id, second.job.replyId, third.job.replyId]
    expect(third.change.messages.map((row) => [row.content, row.status, row.siblingIds])).toEqual([
      ['one', 'complete', siblingIds],
      ['two', 'complete', siblingIds],
      ['', 'live', siblingIds],
    ])
    expect(third.change.session.activeLeafId).toBe(third.job.replyId)
    // What was said names the reply that it was committed with, whatever came later.
    expect((await shown(store, owned)).at(1)).toMatchObject({ replyId: reply.id })
  })

  it('[M6][R1] a regeneration in the middle sees only what is above it', async () => {
    const { store, session } = stage()
    const owned = await session()
    const first = await sayLive(store, owned, 'first')
    await finish(store, first.job, 'one')
    await finish(store, (await sayLive(store, owned, 'second')).job, 'two')
    const { job } = committed(await regenerate(store, owned, first.reply.id))
    expect(job.context.map(({ content }) => content)).toEqual([PERSONA.greeting, 'first'])
    await finish(store, job, 'other')
    const next = await sayLive(store, owned, 'third')
    expect(next.job.context.map(({ content }) => content)).toEqual([
      PERSONA.greeting,
      'first',
      'other',
      'third',
    ])
  })

  it('[M6][A2] a greeting and what is elsewhere cannot be regenerated', async () => {
    const { store, session } = stage()
    const [owned, other] = [await session(), await session()]
    const { message, reply } = await say(store, owned, 'hi')
    for (const id of [sure(message.parentId), 'nothing', (await say(store, other, 'x')).reply.id]) {
      expect(await regenerate(store, owned, id)).toEqual({ outcome: 'message_not_found' })
    }
    const stranger = { ...owned, userId: other.userId }
    expect(await regenerate(store, stranger, reply.id)).toEqual({ outcome: 'session_not_found' })
  })

  it('[M6] a message has no more siblings than the limit', async () => {
    const { store, session, database } = stage()
    const owned = await session()
    const { message, job } = await sayLive(store, owned, 'hi')
    await finish(store, job)
    const { sessionId } = owned
    const rows = Array.from({ length: limits.siblings - 1 }, (_, n) => ({
      ...{ id: `${sessionId}-${n}`, sessionId, parentId: message.id, seq: 100 + n, revision: 100 + n },
      ...{ sender: 'ai', content: 'x', status: 'complete' },
    }))
    await database.prisma.message.createMany({ data: rows })
    await database.prisma.chatSession.update({ where: { id: sessionId }, data: { revision: 200 } })
    const before = await store.snapshot(owned.userId, sessionId)
    expect(await regenerate(store, owned, message.id)).toEqual({ outcome: 'full' })
    expect(await store.snapshot(owned.userId, sessionId)).toEqual(before)
  })
}

function stoppingContract(stage: () => Stage): void {
  it('[M6] a new branch ends what is live with its text and what waits empty, and is live itself', async () => {
    const { store, session, database } = stage()
    const owned = await session()
    const live = await sayLive(store, owned, 'one')
    const waiting = [await say(store, owned, 'two'), await say(store, owned, 'three')]
    await store.flush([piece(live.job, 0, 'half ')])
    await store.flush([piece(live.job, 5, '🦉')])
    const { change, stopped, job } = committed(await edit(store, owned, live.message.id, 'instead'))
    expect(stopped).toEqual([live.reply, ...waiting.map(({ reply }) => reply)].map(({ id }) => id))
    expect(change.messages.filter(({ id }) => stopped.includes(id))).toMatchObject([
      { status: 'stopped', content: 'half 🦉', finishReason: null, error: null },
      { status: 'stopped', content: '' },
      { status: 'stopped', content: '' },
    ])
    expect(change.messages.at(-1)).toMatchObject({ id: job.replyId, status: 'live' })
    expect(await database.prisma.replyChunk.count({ where: { replyId: live.reply.id } })).toBe(0)
  })

  it('[M6] the text that the caller shows counts for the attempt it names, and only for that', async () => {
    const { store, session } = stage()
    for (const [epoch, text] of [
      [1, 'saved and shown'],
      [2, 'saved'],
    ] as const) {
      const owned = await session()
      const { job, message } = await sayLive(store, owned)
      await store.flush([piece(job, 0, 'saved')])
      const shownTexts = [{ replyId: job.replyId, epoch, text: 'saved and shown' }]
      const request = { ...owned, messageId: message.id, clientRequestId: null, shown: shownTexts }
      const { change } = committed(await store.regenerate(request))
      expect(change.messages[0]).toMatchObject({ status: 'stopped', content: text })
    }
  })

  it('[M6][R4] the writer of a stopped reply can neither add to it nor end it, with the same text neither', async () => {
    const { store, session } = stage()
    const owned = await session()
    const { job, message } = await sayLive(store, owned)
    await store.flush([piece(job, 0, 'half')])
    await regenerate(store, owned, message.id)
    expect([...(await store.flush([piece(job, 4, ' more')])).values()]).toEqual(['lost'])
    expect(await store.finishReply(ended(job, 'half more'))).toEqual({ outcome: 'fenced' })
    const same = { ...ended(job, 'half'), status: 'stopped' } as const
    expect(await store.finishReply(same)).toEqual({ outcome: 'fenced' })
  })
}

function repeatContract(stage: () => Stage): void {
  it('[M2] a repeated edit or regeneration gives the first result and stops nothing', async () => {
    const { store, session } = stage()
    const owned = await session()
    const first = await say(store, owned, 'hi', 'said')
    const edited = committed(await edit(store, owned, first.message.id, 'better', 'e'))
    const again = await edit(store, owned, first.message.id, 'other', 'e')
    const { revision } = edited.change
    expect(again).toMatchObject({
      outcome: 'duplicate',
      change: {
        prevRevision: revision,
        revision,
        messages: [{ content: 'better' }, { id: edited.job.replyId, status: 'live' }],
      },
      job: edited.job,
    })
    expect(await store.findTurn(owned.userId, owned.sessionId, 'e')).toMatchObject({ revision })

    const anew = committed(await regenerate(store, owned, edited.job.replyId, 'r'))
    await finish(store, anew.job, 'done')
    const later = await regenerate(store, owned, edited.job.replyId, 'r')
    const now = sure(await store.snapshot(owned.userId, owned.sessionId)).session.revision
    expect(later).toMatchObject({
      outcome: 'duplicate',
      change: { prevRevision: now, revision: now, messages: [{ id: anew.job.replyId, content: 'done' }] },
      job: null,
    })
    // A plain turn is still found with its own revisions.
    expect(await store.findTurn(owned.userId, owned.sessionId, 'said')).toMatchObject({
      prevRevision: 1,
      revision: 3,
    })
  })
}

function selectContract(stage: () => Stage): void {
  it('[M6] a choice shows the branch down to its newest end, and what is said next follows it', async () => {
    const { store, session } = stage()
    const owned = await session()
    const first = await sayLive(store, owned, 'first')
    await finish(store, first.job, 'one')
    const second = await sayLive(store, owned, 'second')
    await finish(store, second.job, 'two')
    const edited = committed(await edit(store, owned, first.message.id, 'better'))
    await finish(store, edited.job, 'three')

    const back = await select(store, owned, first.message.id)
    expect(back.change).toMatchObject({
      prevRevision: 10,
      revision: 11,
      session: { activeLeafId: second.reply.id },
      messages: [],
    })
    const snapshot = sure(await store.snapshot(owned.userId, owned.sessionId))
    expect(back.page).toEqual({ messages: snapshot.messages, hasMore: false })
    expect(back.page.messages.map(({ content }) => content)).toEqual([
      PERSONA.greeting,
      'first',
      'one',
      'second',
      'two',
    ])
    const next = await sayLive(store, owned, 'on')
    expect(next.message.parentId).toBe(second.reply.id)
  })

  it('[M6] showing what is shown changes nothing and stops nothing', async () => {
    const { store, session } = stage()
    const owned = await session()
    const { message, reply } = await sayLive(store, owned)
    const before = sure(await store.snapshot(owned.userId, owned.sessionId))
    for (const id of [message.id, reply.id]) {
      const { change, stopped, page } = await select(store, owned, id)
      const { revision } = before.session
      expect(change).toEqual({ prevRevision: revision, revision, session: before.session, messages: [] })
      expect({ stopped, messages: page.messages }).toEqual({ stopped: [], messages: before.messages })
    }
    expect(await store.snapshot(owned.userId, owned.sessionId)).toEqual(before)
  })

  it('[M6] leaving a branch stops what is live or waits on it', async () => {
    const { store, session } = stage()
    const owned = await session()
    const first = await sayLive(store, owned)
    await finish(store, first.job, 'one')
    const { job } = committed(await regenerate(store, owned, first.reply.id))
    const waiting = await say(store, owned, 'more')
    await store.flush([piece(job, 0, 'half')])
    const { stopped, change } = await select(store, owned, first.reply.id)
    expect(stopped).toEqual([job.replyId, waiting.reply.id])
    expect(change.messages).toMatchObject([
      { status: 'stopped', content: 'half' },
      { status: 'stopped', content: '' },
    ])
    expect(await store.startStranded(10)).toEqual([])
  })

  it('[A2] a message that is not in this session of this person cannot be chosen', async () => {
    const { store, session } = stage()
    const [owned, other] = [await session(), await session()]
    const foreign = (await say(store, other, 'x')).message.id
    const request = { ...owned, shown: [], messageId: foreign }
    expect(await store.selectBranch(request)).toEqual({ outcome: 'message_not_found' })
    const stolen = { ...other, userId: owned.userId, shown: [], messageId: foreign }
    expect(await store.selectBranch(stolen)).toEqual({ outcome: 'session_not_found' })
  })
}

function replayContract(stage: () => Stage): void {
  it('[S1] what was missed across branches, put over all rows held, is what a join shows', async () => {
    const { store, session } = stage()
    const owned = await session()
    const { userId, sessionId } = owned
    const all = async () => sure(await store.sync(userId, sessionId, 0))
    const held: Awaited<ReturnType<typeof all>>[] = []
    const keep = async () => void held.push(await all())
    const first = await sayLive(store, owned, 'first')
    await keep()
    await say(store, owned, 'behind')
    await keep()
    const edited = committed(await edit(store, owned, first.message.id, 'better'))
    await keep()
    await finish(store, edited.job, 'two')
    await keep()
    const anew = committed(await regenerate(store, owned, edited.job.replyId))
    await keep()
    await select(store, owned, first.message.id)
    await keep()
    await select(store, owned, anew.job.replyId)
    await regenerate(store, owned, edited.job.replyId)
    await keep()
    const now = sure(await store.snapshot(userId, sessionId))
    for (const old of held) {
      if (old.reset) throw new Error('nothing was to be reset')
      const missed = sure(await store.sync(userId, sessionId, old.change.revision))
      if (missed.reset) throw new Error('nothing was to be reset')
      const rows = new Map([...old.change.messages, ...missed.change.messages].map((row) => [row.id, row]))
      expect(missed.change.session).toEqual(now.session)
      expect(branch(rows, now.session.activeLeafId)).toEqual(now.messages)
      expect(missed.live).toEqual(now.live)
    }
  })
}

/** The rows from the first message to a leaf. */
function branch(rows: ReadonlyMap<string, Message>, leafId: string | null): Message[] {
  const row = leafId === null ? undefined : rows.get(leafId)
  return row ? [...branch(rows, row.parentId), row] : []
}

function edit(store: Store, owned: Owned, messageId: string, content: string, clientMessageId?: string) {
  return store.editMessage({
    ...owned,
    messageId,
    content,
    clientMessageId: clientMessageId ?? null,
    shown: [],
  })
}

function regenerate(store: Store, owned: Owned, messageId: string, clientRequestId?: string) {
  return store.regenerate({ ...owned, messageId, clientRequestId: clientRequestId ?? null, shown: [] })
}

async function select(store: Store, owned: Owned, messageId: string) {
  const result = await store.selectBranch({ ...owned, messageId, shown: [] })
  if (result.outcome !== 'selected') throw new Error(`the choice was ${result.outcome}`)
  return result
}

function committed(result: BranchResult) {
  if (result.outcome !== 'committed') throw new Error(`the branch was not committed: ${result.outcome}`)
  return result
}

async function shown(store: Store, { userId, sessionId }: Owned): Promise<Message[]> {
  return sure(await store.snapshot(userId, sessionId)).messages
}
