import { expect, it } from 'vitest'
import { ChatError, type SessionInput } from '../src/index.ts'
import { after, changed, first, opened } from './inputs.ts'
import { messageRow, sessionRow, turn } from './rows.ts'

const pending: SessionInput = { type: 'pending', clientMessageId: 'c1', content: 'Hi', status: 'sending' }
const mine = turn(1, 1, 'greeting', { clientMessageId: 'c1' })
const waiting = after(opened, pending)

it('[M2] vanish when the ack, another event or a join brings their row', () => {
  expect(waiting.pending).toMatchObject([{ clientMessageId: 'c1', content: 'Hi', status: 'sending' }])
  expect(after(waiting, changed(mine, 'c1')).pending).toEqual([])
  expect(after(waiting, changed(mine)).pending).toEqual([])
  const snapshot = { session: sessionRow(3, 'r1'), messages: mine.messages, hasMore: true, live: null }
  expect(after(waiting, { type: 'joined', snapshot }).pending).toEqual([])
})

it('stay in sight while the change that commits them is held behind a gap', () => {
  const behind = turn(2, 3, 'r1', { clientMessageId: 'c1' })
  const held = after(waiting, changed(behind, 'c1'))
  expect(held.pending).toHaveLength(1)
  expect(after(held, changed(first)).pending).toEqual([])
})

it('vanish when they are committed further back than the page that is held', () => {
  const far = { session: sessionRow(200, 'm200'), messages: [messageRow('m200', 200, { parentId: 'x' })] }
  const joined = after(waiting, { type: 'joined', snapshot: { ...far, hasMore: true, live: null } })
  expect(joined.pending).toHaveLength(1)
  expect(after(joined, changed(mine, 'c1')).pending).toEqual([])
})

it('keep text and error when they are refused, and are not shown again once committed', () => {
  const error = new ChatError('BUSY')
  const refused = after(waiting, { type: 'rejected', clientMessageId: 'c1', error })
  expect(refused.pending).toMatchObject([{ content: 'Hi', status: 'failed', error }])
  const committed = after(refused, changed(mine))
  expect(committed.pending).toEqual([])
  expect(after(committed, pending).pending).toEqual([])
  expect(after(refused, { type: 'discarded', clientMessageId: 'c1' }).pending).toEqual([])
})
