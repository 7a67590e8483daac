import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import type { Store } from '../../../src/chat/ports.ts'
import { finish, type Owned, type Stage, sayLive, sure } from '../stage.ts'

/** Which way a branch is shown again once it was left, and what the database keeps for that. */
export function rememberedBranchesContract(stage: () => Stage): void {
  it('[M6] a branch is shown again as it was shown last, not as it was made last', async () => {
    const { store, session } = stage()
    const owned = await session()
    const first = await turn(store, owned, 'first')
    const deep = await turn(store, owned, 'deep')
    await begin(store, edit(owned, deep.message.id))
    // The older way is chosen, and with it the whole branch is left.
    await choose(store, owned, deep.message.id)
    const other = sure(await begin(store, edit(owned, first.message.id)))
    expect(await choose(store, owned, first.message.id)).toBe(deep.reply.id)
    expect(await choose(store, owned, other)).toBe(other)
    expect(await choose(store, owned, first.reply.id)).toBe(deep.reply.id)
  })

  it('[M6] a branch that is gone on with while it is hidden is left there as it was shown last', async () => {
    const { store, session } = stage()
    const owned = await session()
    const first = await turn(store, owned, 'first')
    const deep = await turn(store, owned, 'deep')
    await begin(store, edit(owned, deep.message.id))
    await choose(store, owned, deep.message.id)
    await begin(store, edit(owned, first.message.id))
    await begin(store, { ...owned, messageId: first.reply.id, clientRequestId: null })
    expect(await choose(store, owned, first.reply.id)).toBe(deep.reply.id)
  })

  it('[M6] whatever is chosen, edited and said, each message is shown with the leaf that it had last', async () => {
    const { store, session } = stage()
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 25 }), async (steps) => {
        const owned = await session()
        const tree = new ShownLeaves(await rowsOf(store, owned))
        for (const { kind, pick } of steps) {
          const target = tree.nth(pick)
          const leaf = await take(store, owned, kind, target)
          if (leaf === null) continue
          if (kind === 'choose') expect(leaf).toBe(tree.leafOf(target))
          tree.shown(await rowsOf(store, owned), leaf)
        }
      }),
      { numRuns: 12 },
    )
  })

  it('[M6] what was left before anybody remembered is shown down to its newest end', async () => {
    const { store, session, database } = stage()
    const owned = await session()
    const first = await turn(store, owned, 'first')
    const second = await turn(store, owned, 'second')
    const other = sure(await begin(store, edit(owned, first.message.id)))
    await database.prisma.message.updateMany({
      where: { sessionId: owned.sessionId },
      data: { leafId: null },
    })
    expect(await choose(store, owned, first.message.id)).toBe(second.reply.id)
    expect(await choose(store, owned, other)).toBe(other)
  })
}

const step = fc.record({
  kind: fc.constantFrom('say', 'edit', 'regenerate', 'choose', 'choose'),
  pick: fc.nat({ max: 1_000 }),
})

/** What a person with a perfect memory knows: the leaf that was shown last while a message was shown. */
class ShownLeaves {
  readonly #parents = new Map<string, string | null>()
  readonly #leaves = new Map<string, string>()

  constructor(rows: readonly Row[]) {
    this.shown(rows, rows.at(-1)?.id ?? '')
  }

  nth(pick: number): string {
    const ids = [...this.#parents.keys()]
    return sure(ids[pick % ids.length])
  }

  leafOf(id: string): string | undefined {
    return this.#leaves.get(id)
  }

  shown(rows: readonly Row[], leaf: string): void {
    for (const { id, parentId } of rows) this.#parents.set(id, parentId)
    for (let id: string | null | undefined = leaf; id; id = this.#parents.get(id)) this.#leaves.set(id, leaf)
  }
}

interface Row {
  readonly id: string
  readonly parentId: string | null
}

/** The leaf that is shown after one step; null if the step is not possible. */
async function take(store: Store, owned: Owned, kind: string, messageId: string): Promise<string | null> {
  switch (kind) {
    case 'say':
      return (await turn(store, owned, 'more')).reply.id
    case 'edit':
      return begin(store, edit(owned, messageId))
    case 'regenerate':
      return begin(store, { ...owned, messageId, clientRequestId: null })
    default:
      return choose(store, owned, messageId)
  }
}

const edit = (owned: Owned, messageId: string) => ({
  ...owned,
  messageId,
  content: 'instead',
  clientMessageId: null,
})

/** A turn whose reply has ended. */
async function turn(store: Store, owned: Owned, content: string) {
  const { job, ...said } = await sayLive(store, owned, content)
  await finish(store, job)
  return said
}

/** Edits or regenerates and ends the reply; the leaf that it made, null if the message was not one for that. */
async function begin(
  store: Store,
  request: Owned & { readonly messageId: string } & (
      | { readonly content: string; readonly clientMessageId: null }
      | { readonly clientRequestId: null }
    ),
): Promise<string | null> {
  const shown: never[] = []
  const result = await ('content' in request
    ? store.editMessage({ ...request, shown })
    : store.regenerate({ ...request, shown }))
  if (result.outcome !== 'committed') return null
  await finish(store, result.job)
  return result.job.replyId
}

async function choose(store: Store, owned: Owned, messageId: string): Promise<string> {
  const result = await store.selectBranch({ ...owned, messageId, shown: [] })
  if (result.outcome !== 'selected') throw new Error(`the choice was ${result.outcome}`)
  const leaf = sure(result.change.session.activeLeafId)
  expect(result.page.messages.at(-1)?.id).toBe(leaf)
  return leaf
}

async function rowsOf(store: Store, { userId, sessionId }: Owned): Promise<Row[]> {
  const all = sure(await store.sync(userId, sessionId, 0))
  if (all.reset) throw new Error('nothing was to be reset')
  return [...all.change.messages]
}
