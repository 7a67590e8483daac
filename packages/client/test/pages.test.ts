import { expect, it } from 'vitest'
import { openState } from '../src/index.ts'
import { after, ids } from './inputs.ts'
import { messageRow, sessionRow } from './rows.ts'

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
