import { limits } from '@parley/protocol'
import { expect, it } from 'vitest'
import { CONTEXT, finish, PERSONA, type Stage, said, say, sayLive, sure } from '../stage.ts'

/** Committing a turn. */
export function commitContract(stage: () => Stage): void {
  turnContract(stage)
  orderContract(stage)
  repeatContract(stage)
}

function turnContract(stage: () => Stage): void {
  it('[M1] a turn commits the message and the row of its reply together', async () => {
    const { store, session } = stage()
    const owned = await session()
    const before = sure(await store.snapshot(owned.userId, owned.sessionId)).session
    const { change, message, reply, job, titled } = await say(store, owned, 'hi 🦉', 'c1')
    expect(change).toMatchObject({ prevRevision: 1, revision: 3, session: { revision: 3 } })
    expect(change.messages).toHaveLength(2)
    expect(message).toMatchObject({
      sender: 'user',
      content: 'hi 🦉',
      status: 'complete',
      parentId: before.activeLeafId,
      replyId: reply.id,
      clientMessageId: 'c1',
      seq: 2,
      revision: 2,
    })
    expect(reply).toMatchObject({
      sender: 'ai',
      content: '',
      status: 'live',
      parentId: message.id,
      personaVersionId: PERSONA.id,
      demo: false,
      seq: 3,
      revision: 3,
    })
    expect(job).toEqual({
      replyId: reply.id,
      ...owned,
      epoch: 1,
      personaVersionId: PERSONA.id,
      context: [
        { sender: 'ai', content: PERSONA.greeting },
        { sender: 'user', content: 'hi 🦉' },
      ],
    })
    expect(change.session).toMatchObject({ title: 'hi 🦉', activeLeafId: reply.id })
    expect(titled).toBe(true)
    expect(sure(await store.snapshot(owned.userId, owned.sessionId)).messages.slice(1)).toEqual([
      message,
      reply,
    ])
  })

  it('[M1] only the first turn gives the session its title', async () => {
    const { store, session } = stage()
    const owned = await session()
    await say(store, owned, 'first')
    const second = await say(store, owned, 'second')
    expect(second.titled).toBe(false)
    expect(second.change.session.title).toBe('first')
  })

  it('[R1] the job holds the newest ancestors that say something, oldest first, and no blocked one', async () => {
    const { store, session } = stage()
    const owned = await session()
    for (const end of ['one', '', 'three']) {
      const { job } = await sayLive(store, owned, `before ${end}`)
      await finish(store, job, end)
    }
    const blocked = await sayLive(store, owned, 'bad')
    await store.finishReply({ ...blocked.job, ...BLOCKED })
    const { job } = await sayLive(store, owned, 'last')
    expect(job.context.map(({ content }) => content)).toEqual(['before three', 'three', 'bad', 'last'])
    expect(job.context).toHaveLength(CONTEXT)
  })
}

function orderContract(stage: () => Stage): void {
  it('[M3] every change begins where the one before it ended, and order is by seq', async () => {
    const { store, session } = stage()
    const owned = await session()
    const changes = []
    const { change, job } = await sayLive(store, owned)
    changes.push(change, (await say(store, owned, 'more')).change)
    const first = await finish(store, job)
    changes.push(first.change)
    changes.push((await finish(store, sure(first.next))).change)
    let at = 1
    for (const { prevRevision, revision } of changes) {
      expect(prevRevision).toBe(at)
      expect(revision).toBeGreaterThan(at)
      at = revision
    }
    const { messages, session: now } = sure(await store.snapshot(owned.userId, owned.sessionId))
    expect(now.revision).toBe(at)
    expect(messages.map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5])
  })

  it('[M4] a turn behind a live reply waits; past the limit it is busy and leaves nothing behind', async () => {
    const { store, session } = stage()
    const owned = await session()
    await sayLive(store, owned)
    for (let n = 0; n < limits.waitingReplies; n++) {
      const { reply, job } = await say(store, owned, `later ${n}`)
      expect({ status: reply.status, job }).toEqual({ status: 'waiting', job: null })
    }
    const before = await store.snapshot(owned.userId, owned.sessionId)
    expect(await store.commitTurn(said(owned, 'too much'))).toEqual({ outcome: 'busy' })
    expect(await store.snapshot(owned.userId, owned.sessionId)).toEqual(before)
  })
}

function repeatContract(stage: () => Stage): void {
  it('[M2] a repeat answers with the first result, also when the queue is full', async () => {
    const { store, session } = stage()
    const owned = await session()
    const first = await say(store, owned, 'hi', 'again')
    const repeat = await store.commitTurn(said(owned, 'hi', 'again'))
    // The job comes again: the first answer may have been lost, and with it the job.
    expect(repeat).toEqual({ outcome: 'duplicate', change: first.change, job: first.job })
    for (let n = 0; n < limits.waitingReplies; n++) await say(store, owned, 'more')
    expect(await store.commitTurn(said(owned, 'hi', 'again'))).toMatchObject({ outcome: 'duplicate' })
  })

  it('[M2] a repeat after the reply ended gives its own revisions and the rows as they stand', async () => {
    const { store, session } = stage()
    const owned = await session()
    const first = await say(store, owned, 'hi', 'again')
    await finish(store, sure(first.job), 'hello')
    await sayLive(store, owned, 'next')
    const repeat = await store.commitTurn(said(owned, 'changed', 'again'))
    if (repeat.outcome !== 'duplicate') throw new Error(`the repeat was ${repeat.outcome}`)
    expect(repeat.change).toMatchObject({ prevRevision: 1, revision: 3 })
    expect(repeat.change.messages.map(({ id, content }) => [id, content])).toEqual([
      [first.message.id, 'hi'],
      [first.reply.id, 'hello'],
    ])
    expect(await store.findTurn(owned.userId, owned.sessionId, 'again')).toEqual(repeat.change)
  })

  it('[M2] a turn is found by its own id alone, and two without an id are two turns', async () => {
    const { store, session } = stage()
    const [owned, other] = [await session(), await session()]
    await say(store, owned, 'hi', 'mine')
    expect(await store.findTurn(owned.userId, owned.sessionId, 'none')).toBeNull()
    expect(await store.findTurn(other.userId, other.sessionId, 'mine')).toBeNull()
    expect(await say(store, other, 'hi', 'mine')).toMatchObject({ outcome: 'committed' })
    const [one, two] = [await say(store, owned, 'same'), await say(store, owned, 'same')]
    expect(one.message.id).not.toBe(two.message.id)
  })

  it('[M5] text comes back exact, and one with U+0000 is refused whole', async () => {
    const { store, session } = stage()
    const owned = await session()
    const awkward = '👩‍👩‍👧 \u{10ffff}\u202e\n\t"\\\' $1 \ufffd café'
    expect((await say(store, owned, awkward)).message.content).toBe(awkward)
    const before = await store.snapshot(owned.userId, owned.sessionId)
    await expect(store.commitTurn(said(owned, 'a\0b'))).rejects.toThrow()
    expect(await store.snapshot(owned.userId, owned.sessionId)).toEqual(before)
  })
}

const BLOCKED = {
  status: 'blocked',
  content: 'what must not be said',
  finishReason: null,
  error: 'MODERATION_FAILED',
  usage: null,
  tokens: 0,
  demo: false,
} as const
