import type { Change, Delta, Message } from '@parley/protocol'
import { openState, reduce, type SessionInput, type SessionState } from '../src/index.ts'
import { change, greeted, turn } from './rows.ts'

export const first = turn(1, 1, 'greeting')
export const opened = openState(greeted())

export function after(state: SessionState, ...inputs: SessionInput[]): SessionState {
  return inputs.reduce(reduce, state)
}

export function changed(value: Change, clientMessageId?: string): SessionInput {
  return clientMessageId === undefined
    ? { type: 'change', change: value }
    : { type: 'change', change: value, clientMessageId }
}

export function said(...pieces: Delta[]): SessionInput[] {
  return pieces.map((piece) => ({ type: 'delta', delta: piece }))
}

export function ended(reply: Message, prevRevision: number, leafId: string, others: Message[]): SessionInput {
  const revision = prevRevision + 1
  const end = change(prevRevision, revision, leafId, others)
  return { type: 'response', response: { ...reply, status: 'complete', revision, change: end } }
}

export const ids = (state: SessionState) => state.messages.map((row) => row.id)
export const liveText = (state: SessionState, id = 'r1') => state.live.get(id)?.text
