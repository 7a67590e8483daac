import type { StoredMessage } from '@parley/client'
import { beforeEach, expect, it, vi } from 'vitest'
import type { Pages } from '../src/chat/pages.ts'
import { createStoredOutbox } from '../src/chat/stored-outbox.ts'

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
  const mourners: { readonly name: string; readonly then: () => void }[] = []
  const open = () => {
    let page = ''
    const pages: Pages = {
      live: (name) => {
        page = name
        living.add(name)
      },
      living: async () => living,
      outlive: (name, then) => void mourners.push({ name, then }),
      alone: (work) => work(),
    }
    const outbox = createStoredOutbox(() => localStorage, pages)
    const close = () => {
      living.delete(page)
      for (const { name, then } of mourners) if (name === page) then()
    }
    return { outbox, close }
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

it('[C4] an open tab is told at once when a tab goes that held something, and only then', async () => {
  const { open } = browser()
  const [first, second, third] = [open(), open(), open()]
  const freed = { second: 0, third: 0 }
  second.outbox.onFreed(() => freed.second++)
  const stop = third.outbox.onFreed(() => freed.third++)
  first.outbox.put(waiting('early'))
  expect(await second.outbox.claim('u1', 's1')).toEqual([])
  // This is what a browser tells all pages but the one that stores.
  const key = 'parley.outbox.late'
  third.outbox.put(waiting('late', { sessionId: 's2' }))
  window.dispatchEvent(new StorageEvent('storage', { key, newValue: localStorage.getItem(key) }))
  window.dispatchEvent(new StorageEvent('storage', { key, newValue: '{' }))
  window.dispatchEvent(new StorageEvent('storage', { key, newValue: null }))
  expect(freed).toEqual({ second: 0, third: 0 })
  first.close()
  expect(freed).toEqual({ second: 1, third: 0 })
  stop()
  third.close()
  expect(freed).toEqual({ second: 2, third: 0 })
})

it('[C4] tells in which conversations of a person something is left that goes out by itself', async () => {
  const { open } = browser()
  const [gone, here] = [open(), open()]
  gone.outbox.put(waiting('a'))
  gone.outbox.put(waiting('b', { sessionId: 's2', error: 'MODERATION_FAILED' }))
  gone.outbox.put(waiting('c', { sessionId: 's3', userId: 'u2' }))
  here.outbox.put(waiting('d', { sessionId: 's4' }))
  expect(await here.outbox.left('u1')).toEqual(new Set())
  gone.close()
  expect(await here.outbox.left('u1')).toEqual(new Set(['s1']))
})

it('forgets what lay there for a month, whoever wrote it', async () => {
  const { open } = browser()
  const now = Date.now()
  const { outbox } = open()
  const clock = vi.spyOn(Date, 'now').mockReturnValue(now - 30 * 86_400_000 - 1)
  outbox.put(waiting('old', { userId: 'u2', error: 'SESSION_NOT_FOUND' }))
  clock.mockReturnValue(now - 29 * 86_400_000)
  outbox.put(waiting('young'))
  clock.mockRestore()
  expect(idsOf(await outbox.claim('u1', 's1'))).toEqual(['young'])
  expect(localStorage.length).toBe(1)
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

it('[C4] what a guest left is the account\u2019s that the guest became, and what others left stays theirs', async () => {
  const { open } = browser()
  const [before, here] = [open(), open()]
  before.outbox.put(waiting('a', { error: 'MODERATION_FAILED' }))
  before.outbox.put(waiting('b', { sessionId: 's2' }))
  before.outbox.put(waiting('theirs', { userId: 'u2' }))
  here.outbox.adopt('u1', 'ada')
  here.outbox.adopt('nobody', 'ada')
  // Its page still holds it, as before.
  expect(await here.outbox.claim('ada', 's1')).toEqual([])
  before.close()
  expect(await here.outbox.claim('u1', 's1')).toEqual([])
  expect(await here.outbox.claim('ada', 's1')).toEqual([
    waiting('a', { userId: 'ada', error: 'MODERATION_FAILED' }),
  ])
  expect(idsOf(await here.outbox.claim('ada', 's2'))).toEqual(['b'])
  expect(idsOf(await here.outbox.claim('u2', 's1'))).toEqual(['theirs'])
})

it('of somebody who is no more nothing stays, also what another tab holds', async () => {
  const { open } = browser()
  const [there, here] = [open(), open()]
  there.outbox.put(waiting('a'))
  here.outbox.put(waiting('b'))
  here.outbox.put(waiting('theirs', { userId: 'u2' }))
  here.outbox.forget('u1')
  expect(Object.keys(localStorage)).toEqual(['parley.outbox.theirs'])
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
