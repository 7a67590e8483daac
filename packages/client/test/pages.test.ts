import { expect, it } from 'vitest'
import { openState } from '../src/index.ts'
import { after, changed, ids } from './inputs.ts'
import { change, messageRow, sessionRow } from './rows.ts'

const rows = [messageRow('m5', 5, { parentId: 'm4' }), messageRow('m6', 6, { parentId: 'm5' })]
const state = openState({ session: sessionRow(6, 'm6'), messages: rows, hasMore: true, live: null })
const older = [messageRow('m3', 3, { parentId: 'm2' }), messageRow('m4', 4, { parentId: 'm3' })]

it('puts an older page before what is held', () => {
  const page = { messages: older, hasMore: true }
  const more = after(state, { type: 'history', beforeSeq: 5, page })
  expect(ids(more)).toEqual(['m3', 'm4', 'm5', 'm6'])
  expect(more.hasMore).toBe(true)
  expect(after(more, { type: 'history', beforeSeq: 5, page })).toBe(more)
})

it('keeps older messages over a join that brings nothing new, and drops them when it does', () => {
  const more = after(state, { type: 'history', beforeSeq: 5, page: { messages: older, hasMore: false } })
  const same = { session: sessionRow(6, 'm6'), messages: rows, hasMore: true, live: null }
  expect(after(more, { type: 'joined', snapshot: same })).toMatchObject({
    messages: more.messages,
    hasMore: false,
  })
  const newer = {
    ...same,
    session: sessionRow(7, 'm7'),
    messages: [messageRow('m7', 7, { parentId: 'm6' })],
  }
  const moved = after(more, { type: 'joined', snapshot: newer })
  expect(ids(moved)).toEqual(['m7'])
  expect(moved.hasMore).toBe(true)
})

it('[S1] fetches the page of a branch that leaves the shown one so far up that less than a page is held', () => {
  const instead = messageRow('m6b', 7, { parentId: 'm5' })
  const same = after(state, changed(change(6, 7, 'm6b', [instead])))
  expect(ids(same)).toEqual(['m5', 'm6b'])
  expect(same.need).toBe(null)

  const earlier = after(state, changed(change(6, 7, 'm5', [])))
  expect(ids(earlier)).toEqual(['m5'])
  expect(earlier).toMatchObject({ hasMore: true, need: 'page' })
  const said = messageRow('m8', 8, { parentId: 'm5' })
  const longer = after(earlier, changed(change(7, 8, 'm8', [said])))
  expect(longer.need).toBe('page')
  const snapshot = {
    session: sessionRow(8, 'm8'),
    messages: [...older, ...rows.slice(0, 1), said],
    hasMore: true,
  }
  const answer = { ...snapshot, live: null, reset: true as const }
  const whole = after(longer, { type: 'synced', afterRevision: 0, answer })
  expect(ids(whole)).toEqual(['m3', 'm4', 'm5', 'm8'])
  expect(whole).toMatchObject({ hasMore: true, need: null })
})
