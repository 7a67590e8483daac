import type { StoredMessage } from '@parley/client'
import { beforeEach, expect, it } from 'vitest'
import { createStoredOutbox, type Pages } from '../src/chat/stored-outbox.ts'

const waiting = (clientMessageId: string, change: Partial<StoredMessage> = {}): StoredMessage => ({
  userId: 'u1',
  sessionId: 's1',
  clientMessageId,
  content: `content of ${clientMessageId}`,
  replaces: null,
  place: 1,
  error: null,
  ...change,
})

/** A browser whose pages a test can close. */
function browser() {
  const living = new Set<string>()
  const open = () => {
    let page = ''
    const pages: Pages = {
      live: (name) => {
        page = name
        living.add(name)
      },
      living: async () => living,
      alone: (work) => work(),
    }
    const outbox = createStoredOutbox(() => localStorage, pages)
    return { outbox, close: () => living.delete(page) }
  }
  return { open }
}

const idsOf = (messages: readonly StoredMessage[]) => messages.map(({ clientMessageId }) => clientMessageId)

beforeEach(() => localStorage.clear())

it('[C4] what waits survives the page, in order, and is gone once it was sent', async () => {
  const { open } = browser()
  const before = open()
  before.outbox.put(waiting('b', { place: 2, replaces: 'm1' }))
  before.outbox.put(waiting('a', { place: 1, error: 'MODERATION_FAILED' }))
  before.close()
  const { outbox } = open()
  const claimed = await outbox.claim('u1', 's1')
  expect(claimed).toEqual([
    waiting('a', { place: 1, error: 'MODERATION_FAILED' }),
    waiting('b', { place: 2, replaces: 'm1' }),
  ])
  for (const message of claimed) outbox.remove(message)
  expect(localStorage.length).toBe(0)
})

it('[C4] what waits in another living tab is left to that', async () => {
  const { open } = browser()
  const [first, second] = [open(), open()]
  first.outbox.put(waiting('a'))
  expect(await second.outbox.claim('u1', 's1')).toEqual([])
  expect(idsOf(await first.outbox.claim('u1', 's1'))).toEqual(['a'])
  first.close()
  expect(idsOf(await second.outbox.claim('u1', 's1'))).toEqual(['a'])
  expect(await open().outbox.claim('u1', 's1')).toEqual([])
})

it('[C4] what is of another person or conversation is not touched', async () => {
  const { open } = browser()
  const before = open()
  before.outbox.put(waiting('theirs', { userId: 'u2' }))
  before.outbox.put(waiting('elsewhere', { sessionId: 's2' }))
  before.close()
  const kept = JSON.stringify({ ...localStorage })
  expect(await open().outbox.claim('u1', 's1')).toEqual([])
  expect(JSON.stringify({ ...localStorage })).toBe(kept)
})

it('takes all where a browser cannot tell its pages apart, and stands what it cannot read', async () => {
  localStorage.setItem('parley.outbox.bad', '{')
  localStorage.setItem('parley.outbox.odd', '{"page":1}')
  createStoredOutbox(() => localStorage, undefined).put(waiting('a'))
  const other = createStoredOutbox(() => localStorage, undefined)
  expect(idsOf(await other.claim('u1', 's1'))).toEqual(['a'])
})

it('a blocked storage keeps nothing and breaks nothing', async () => {
  const blocked = () => {
    throw new Error('blocked')
  }
  const outbox = createStoredOutbox(blocked, undefined)
  outbox.put(waiting('a'))
  outbox.remove(waiting('a'))
  expect(await outbox.claim('u1', 's1')).toEqual([])
})
