import type { Change } from '@parley/protocol'
import { expect, it } from 'vitest'
import { ChatError, openState, type SessionInput, shownPart } from '../src/index.ts'
import { after, changed, first, ids, liveText, opened, said } from './inputs.ts'
import { change, delta, greeted, messageRow, replyRow, sessionRow, turn } from './rows.ts'

const asked = after(opened, changed(first), ...said(delta('r1', 1, 0, 'Half', true)))

const editing: SessionInput = {
  type: 'pending',
  clientMessageId: 'c9',
  content: 'Better',
  replaces: 'm1',
  status: 'sending',
}
const error = new ChatError('MODERATION_FAILED')

function edited(over: Partial<Change> = {}): Change {
  const siblingIds = ['m1', 'm1b']
  const rows = [
    messageRow('m1', 2, { parentId: 'greeting', replyId: 'r1', revision: 4, siblingIds }),
    replyRow('r1', 3, 'm1', { status: 'stopped', content: 'Half a', revision: 4 }),
    messageRow('m1b', 4, { parentId: 'greeting', replyId: 'r1b', siblingIds, clientMessageId: 'c9' }),
    replyRow('r1b', 5, 'm1b'),
  ]
  return { ...change(3, 5, 'r1b', rows), ...over }
}

const shownIds = (state: ReturnType<typeof after>) => ids(state).slice(0, shownPart(state).messages)

it('[M6] an edit on its way hides the message and what followed it; refused, it brings them back', () => {
  const sending = after(asked, editing)
  expect(shownIds(sending)).toEqual(['greeting'])
  expect(sending.pending).toMatchObject([{ content: 'Better', replaces: 'm1', status: 'sending' }])
  const refused = after(sending, { type: 'rejected', clientMessageId: 'c9', error })
  expect(shownIds(refused)).toEqual(['greeting', 'm1', 'r1'])
  expect(refused.pending).toMatchObject([{ content: 'Better', replaces: 'm1', status: 'failed', error }])
  expect(shownIds(after(refused, { type: 'discarded', clientMessageId: 'c9' }))).toEqual(ids(asked))
})

it('[M6] what waits before an edit is hidden with it, and what is said after it is shown', () => {
  const before: SessionInput = { type: 'pending', clientMessageId: 'c1', content: 'x', status: 'queued' }
  const behind: SessionInput = { ...before, clientMessageId: 'c2' }
  const state = after(asked, before, editing, behind)
  const { pendingFrom } = shownPart(state)
  expect(state.pending.slice(pendingFrom).map((entry) => entry.clientMessageId)).toEqual(['c9', 'c2'])
})

it('[M6] an edit of a message of which another version is shown by now stands in the place of that', () => {
  const elsewhere = edited()
  const other = {
    ...elsewhere,
    messages: elsewhere.messages.map((row) => ({ ...row, clientMessageId: null })),
  }
  const state = after(asked, editing, changed(other))
  expect(ids(state)).toEqual(['greeting', 'm1b', 'r1b'])
  expect(shownIds(state)).toEqual(['greeting'])
})

it('[M6] [R6] a committed edit: other branch shown, earlier rows kept, live text gone for what was saved', () => {
  expect(liveText(asked)).toBe('Half')
  const state = after(asked, editing, changed(edited(), 'c9'))
  expect(ids(state)).toEqual(['greeting', 'm1b', 'r1b'])
  expect(state).toMatchObject({ pending: [], need: null, revision: 5 })
  expect(shownPart(state)).toEqual({ messages: 3, pendingFrom: 0 })
  expect(state.live.has('r1')).toBe(false)
  const back = after(state, changed(change(5, 6, 'r1', [])))
  expect(back.messages.map((row) => [row.id, row.content])).toMatchObject([
    ['greeting', 'Hello.'],
    ['m1', 'content of m1'],
    ['r1', 'Half a'],
  ])
  expect(back.messages[1]?.siblingIds).toEqual(['m1', 'm1b'])
})

it('[M6] a late piece of a reply that an edit ended changes nothing', () => {
  const state = after(asked, changed(edited()))
  expect(after(state, ...said(delta('r1', 1, 4, ' a lot')))).toBe(state)
})

const other = [
  messageRow('m1c', 2, { parentId: 'greeting', replyId: 'r1c' }),
  replyRow('r1c', 3, 'm1c', { status: 'complete', content: 'Other.' }),
]
const away = openState({
  session: sessionRow(5, 'r1b'),
  messages: [
    ...greeted().messages,
    messageRow('m1b', 4, { parentId: 'greeting' }),
    replyRow('r1b', 5, 'm1b'),
  ],
  hasMore: false,
  live: null,
})
const page = { messages: [...greeted().messages, ...other], hasMore: false }

it('[M6] choosing a branch that is not held shows it by the page of the answer', () => {
  const state = after(away, { type: 'selected', change: change(5, 6, 'r1c', []), page })
  expect(ids(state)).toEqual(['greeting', 'm1c', 'r1c'])
  expect(state).toMatchObject({ need: null, hasMore: false, revision: 6 })
  expect(state.rows.has('r1b')).toBe(true)
})

it('[M6] an answer that comes behind a gap is not shown before what it follows', () => {
  const held = after(away, { type: 'selected', change: change(6, 7, 'r1c', []), page })
  expect(ids(held)).toEqual(ids(away))
  expect(held.need).toBe('sync')
  expect(after(held, changed(change(5, 6, 'r1b', []))).need).toBe('page')
})

it('[M6] a page that was asked for keeps the rows of the branch that was left', () => {
  const lacking = after(away, changed(change(5, 6, 'r1c', [])))
  expect(lacking.need).toBe('page')
  const snapshot = { ...page, session: sessionRow(6, 'r1c'), live: null }
  const state = after(lacking, { type: 'synced', afterRevision: 0, answer: { ...snapshot, reset: true } })
  expect(ids(state)).toEqual(['greeting', 'm1c', 'r1c'])
  const back = after(state, changed(change(6, 7, 'r1b', [])))
  expect(ids(back)).toEqual(ids(away))
  expect(back.need).toBe(null)
})

it('[S1] [M6] a few rows of a long branch that is not held are fetched, not shown alone', () => {
  const sibling = replyRow('far', 6, 'not held')
  const state = after(away, changed(change(5, 6, 'far', [sibling])))
  expect(ids(state)).toEqual(ids(away))
  expect(state.need).toBe('page')
})

it('a turn after an edit goes on from it', () => {
  const state = after(asked, changed(edited()), changed(turn(2, 5, 'r1b')))
  expect(ids(state)).toEqual(['greeting', 'm1b', 'r1b', 'm2', 'r2'])
})
