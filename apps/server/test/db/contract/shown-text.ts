import { expect, it } from 'vitest'
import type { Store } from '../../../src/chat/ports.ts'
import { finish, type Owned, piece, type Stage, sayLive, sure } from '../stage.ts'

const SHOWN = 'half, and shown'

/** What a writer adds to a reply that another process stopped under it [R6]. */
export function shownTextContract(stage: () => Stage): void {
  /** A reply of which `half` is saved, answered anew by a process that does not write it. */
  async function stoppedElsewhere() {
    const { store, otherStore, session } = stage()
    const owned = await session()
    const { job, message } = await sayLive(store, owned)
    await store.flush([piece(job, 0, 'half')])
    const anew = await regenerate(otherStore(), owned, message.id)
    return { store, owned, job, anew }
  }

  it('[R6] its writer adds what it had shown, once, as a change of the session', async () => {
    const { store, owned, job, anew } = await stoppedElsewhere()
    const shown = { replyId: job.replyId, epoch: 1, text: SHOWN }
    const change = sure(await store.addShown(shown))
    expect(change).toMatchObject({
      prevRevision: anew.change.revision,
      revision: anew.change.revision + 1,
      messages: [{ id: job.replyId, status: 'stopped', content: SHOWN, revision: change.revision }],
    })
    const missed = sure(await store.sync(owned.userId, owned.sessionId, change.prevRevision))
    expect(missed).toMatchObject({ reset: false, change })
    expect(await store.addShown({ ...shown, text: `${SHOWN}, and more` })).toBeNull()
  })

  it('[R6] [R4] nobody else adds to it, nor under another epoch, nor another text', async () => {
    const { store, owned, job } = await stoppedElsewhere()
    const shown = { replyId: job.replyId, epoch: 1, text: SHOWN }
    const before = await store.snapshot(owned.userId, owned.sessionId)
    expect(await stage().otherStore().addShown(shown)).toBeNull()
    expect(await store.addShown({ ...shown, epoch: 2 })).toBeNull()
    expect(await store.addShown({ ...shown, text: 'other' })).toBeNull()
    expect(await store.addShown({ ...shown, text: 'half' })).toBeNull()
    expect(await store.addShown({ ...shown, replyId: 'nothing' })).toBeNull()
    expect(await store.snapshot(owned.userId, owned.sessionId)).toEqual(before)
  })

  it('[R4] nothing is added to what somebody else claimed, ended or stopped with the text at hand', async () => {
    const { store, otherStore, session } = stage()
    for (const take of [claimAndEnd, claimAndStop, stopKnowing]) {
      const owned = await session()
      const { job } = await sayLive(store, owned)
      await store.flush([piece(job, 0, 'half')])
      await take(otherStore(), owned, job.replyId)
      const before = await store.sync(owned.userId, owned.sessionId, 0)
      expect(await store.addShown({ replyId: job.replyId, epoch: 1, text: SHOWN })).toBeNull()
      expect(await store.sync(owned.userId, owned.sessionId, 0)).toEqual(before)
    }
  })
}

async function claimAndEnd(store: Store, _: Owned, replyId: string): Promise<void> {
  for (const other of await store.claimReplies({ limit: 100, held: [], alone: true })) {
    await finish(store, other, other.replyId === replyId ? 'half' : 'fine')
  }
}

async function claimAndStop(store: Store, _: Owned, replyId: string): Promise<void> {
  for (const other of await store.claimReplies({ limit: 100, held: [], alone: true })) {
    const end = { ...other, content: 'half', status: 'stopped', finishReason: null, usage: null } as const
    if (other.replyId === replyId) await store.finishReply({ ...end, error: null, tokens: 0, demo: false })
    else await finish(store, other)
  }
}

async function stopKnowing(store: Store, owned: Owned, replyId: string): Promise<void> {
  await regenerate(store, owned, replyId, [{ replyId, epoch: 1, text: 'half' }])
}

async function regenerate(
  store: Store,
  owned: Owned,
  messageId: string,
  shown: Parameters<Store['regenerate']>[0]['shown'] = [],
) {
  const result = await store.regenerate({ ...owned, messageId, clientRequestId: null, shown })
  if (result.outcome !== 'committed') throw new Error(`the branch was not committed: ${result.outcome}`)
  return result
}
