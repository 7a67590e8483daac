import type { Change, Delta, Message } from '@parley/protocol'
import { describe, expect, it } from 'vitest'
import { ChatError, openState, reduce, type SessionInput, type SessionState, textOf } from '../src/index.ts'
import { change, delta, greeted, messageRow, replyRow, sessionRow, turn } from './rows.ts'

const first = turn(1, 1, 'greeting')
const opened = openState(greeted())

function after(state: SessionState, ...inputs: SessionInput[]): SessionState {
  return inputs.reduce(reduce, state)
}

function changed(value: Change, clientMessageId?: string): SessionInput {
  return clientMessageId === undefined
    ? { type: 'change', change: value }
    : { type: 'change', change: value, clientMessageId }
}

function said(...pieces: Delta[]): SessionInput[] {
  return pieces.map((piece) => ({ type: 'delta', delta: piece }))
}

function ended(reply: Message, prevRevision: number, others: Message[] = []): SessionInput {
  const revision = prevRevision + 1
  const end = change(prevRevision, revision, reply.id, others)
  return { type: 'response', response: { ...reply, status: 'complete', revision, change: end } }
}

const ids = (state: SessionState) => state.messages.map((row) => row.id)
const liveText = (state: SessionState, id = 'r1') => state.live.get(id)?.text

describe('[M3] changes', () => {
  it('[M3] applies a change that follows its own revision', () => {
    const state = after(opened, changed(first))
    expect(ids(state)).toEqual(['greeting', 'm1', 'r1'])
    expect(state).toMatchObject({ revision: 3, need: null })
  })

  it('[M3] ignores a change that it has, and keeps the very same state', () => {
    const state = after(opened, changed(first))
    expect(after(state, changed(first))).toBe(state)
  })

  it('[M3] holds a change whose predecessor is missing, asks for a sync, and applies both in order', () => {
    const second = turn(2, 3, 'r1')
    const held = after(opened, changed(second))
    expect(ids(held)).toEqual(['greeting'])
    expect(held.need).toBe('sync')
    const whole = after(held, changed(first))
    expect(ids(whole)).toEqual(['greeting', 'm1', 'r1', 'm2', 'r2'])
    expect(whole).toMatchObject({ revision: 5, need: null, heldChanges: [] })
  })

  it('[M3] still asks for a sync when more changes came than it holds', () => {
    const many = Array.from({ length: 200 }, (_, n) => changed(turn(n + 2, 3 + 2 * n, `r${n + 1}`)))
    const state = after(opened, ...many)
    expect(state.heldChanges.length).toBeLessThan(100)
    const caught = after(state, changed(first))
    expect(caught.need).toBe('sync')
    expect(caught.revision).toBeLessThan(403)
  })

  it('[M3] takes a sync whose answer began before changes that arrived meanwhile', () => {
    const all = change(1, 5, 'r2', [...first.messages, ...turn(2, 3, 'r1').messages])
    const answer = { reset: false as const, change: all, live: null }
    const state = after(opened, changed(first), { type: 'synced', afterRevision: 1, answer })
    expect(ids(state)).toEqual(['greeting', 'm1', 'r1', 'm2', 'r2'])
  })

  it('[M3] asks for a sync when a session or a saved reply speaks of a later revision', () => {
    expect(after(opened, { type: 'session', session: sessionRow(3, 'r1') }).need).toBe('sync')
    expect(after(opened, { type: 'heard', revision: 3 }).need).toBe('sync')
  })

  it('[M2] a repeated answer that carries later rows does not skip what lies between', () => {
    const late = { ...first, session: sessionRow(4, 'r1') }
    const state = after(opened, changed(late))
    expect(state).toMatchObject({ revision: 3, need: 'sync' })
  })

  it('[S1] a reset that is older than what arrived meanwhile does not go back', () => {
    const state = after(opened, changed(first))
    const answer = { ...greeted(), reset: true as const }
    expect(after(state, { type: 'synced', afterRevision: 0, answer })).toBe(state)
  })

  it('[S1] a server that lost what it was asked for is believed', () => {
    const state = after(opened, changed(first))
    const answer = { ...greeted(), reset: true as const }
    const back = after(state, { type: 'synced', afterRevision: 3, answer })
    expect(ids(back)).toEqual(['greeting'])
    expect(back).toMatchObject({ revision: 1, need: null })
  })

  it('keeps unchanged messages the same objects, and the list itself while text streams in', () => {
    const before = after(opened, changed(first))
    const streaming = after(before, ...said(delta('r1', 1, 0, 'Hi', true)))
    expect(streaming.messages).toBe(before.messages)
    const later = after(streaming, changed(turn(2, 3, 'r1')))
    expect(later.messages[1]).toBe(before.messages[1])
    const rejoined = after(later, {
      type: 'joined',
      snapshot: { session: later.session, messages: [...later.messages], hasMore: false, live: null },
    })
    expect(rejoined.messages).toBe(later.messages)
  })

  it('[M6] shows only the branch that ends in the active leaf, and asks for one that it lacks', () => {
    const sibling = replyRow('r1b', 4, 'm1')
    const other = after(opened, changed(first), changed(change(3, 4, 'r1b', [sibling])))
    expect(ids(other)).toEqual(['greeting', 'm1', 'r1b'])
    expect(other.rows.has('r1')).toBe(true)
    const lacking = after(other, changed(change(4, 5, 'unheard-of', [])))
    expect(ids(lacking)).toEqual(['greeting', 'm1', 'r1b'])
    expect(lacking.need).toBe('page')
  })
})

describe('[R2] deltas', () => {
  const live = after(opened, changed(first))

  it('[R2] appends what follows and ignores what it has', () => {
    const pieces = [delta('r1', 1, 0, 'Hel', true), delta('r1', 1, 3, 'lo'), delta('r1', 1, 0, 'Hel', true)]
    const state = after(live, ...said(...pieces))
    expect(liveText(state)).toBe('Hello')
    expect(state.need).toBeNull()
  })

  it('[R2] takes only the new tail of a piece that overlaps', () => {
    const state = after(live, ...said(delta('r1', 1, 0, 'Hel', true), delta('r1', 1, 1, 'ello')))
    expect(liveText(state)).toBe('Hello')
  })

  it('[R2] holds what lies behind a gap, asks for a sync, and closes the gap when it can', () => {
    const gap = after(live, ...said(delta('r1', 1, 0, 'He', true), delta('r1', 1, 4, 'o'), delta('r1', 1, 5, '!')))
    expect(liveText(gap)).toBe('He')
    expect(gap.need).toBe('sync')
    const closed = after(gap, ...said(delta('r1', 1, 2, 'll')))
    expect(liveText(closed)).toBe('Hello!')
    expect(closed.need).toBeNull()
  })

  it('[R2] the first piece that arrives must be a start at offset 0', () => {
    const middle = after(live, ...said(delta('r1', 1, 3, 'lo')))
    expect(liveText(middle)).toBe('')
    expect(middle.need).toBe('sync')
    const notStart = after(live, ...said(delta('r1', 1, 0, 'Hel')))
    expect(liveText(notStart)).toBe('')
    expect(notStart.need).toBe('sync')
  })

  const held = after(live, ...said(delta('r1', 1, 0, 'Hello', true)))

  it('[R2] the next epoch begins inside of what is held, and replaces what lies behind', () => {
    const state = after(held, ...said(delta('r1', 2, 3, 'p!', true), delta('r1', 1, 5, ' old')))
    expect(liveText(state)).toBe('Help!')
    expect(state.need).toBeNull()
  })

  it('[R2] the next epoch that begins behind what is held, or without its start, is a gap', () => {
    for (const piece of [delta('r1', 2, 6, 'x', true), delta('r1', 2, 3, 'x')]) {
      const state = after(held, ...said(piece))
      expect(liveText(state)).toBe('Hello')
      expect(state.need).toBe('sync')
    }
  })

  it('[R2] a later epoch than the next one is applied only from offset 0', () => {
    expect(after(held, ...said(delta('r1', 3, 3, 'x', true))).need).toBe('sync')
    expect(liveText(after(held, ...said(delta('r1', 3, 0, 'New', true))))).toBe('New')
  })

  it('[R2] saved text counts when its epoch is higher or it is longer; held pieces follow it', () => {
    const gap = after(held, ...said(delta('r1', 2, 8, 'ld', true), delta('r1', 2, 10, '!')))
    const empty = change(3, 3, 'r1', [])
    const synced = (epoch: number, text: string): SessionInput => {
      const saved = { replyId: 'r1', epoch, text }
      return { type: 'synced', afterRevision: 3, answer: { reset: false, change: empty, live: saved } }
    }
    expect(liveText(after(held, synced(1, 'Hel')))).toBe('Hello')
    expect(liveText(after(held, synced(1, 'Hello you')))).toBe('Hello you')
    expect(liveText(after(held, synced(2, 'Hel')))).toBe('Hel')
    const closed = after(gap, synced(2, 'Hello wor'))
    expect(liveText(closed)).toBe('Hello wor!')
    expect(closed.need).toBeNull()
  })

  it('keeps pieces of a reply whose row is late, and forgets those of one that a sync does not know', () => {
    const early = after(opened, ...said(delta('r1', 1, 0, 'Hel', true)))
    expect(early.need).toBe('sync')
    const known = after(early, changed(first))
    expect(known.need).toBeNull()
    expect(liveText(known)).toBe('Hel')
    const answer = { reset: false as const, change: change(1, 1, 'greeting', []), live: null }
    expect(after(early, { type: 'synced', afterRevision: 1, answer })).toMatchObject({ need: null })
  })

  it('[R5] the end of a reply replaces its text; pieces that come later change nothing', () => {
    const reply = replyRow('r1', 3, 'm1', { content: 'Hello, you.' })
    const waiting = after(held, changed(turn(2, 3, 'r1')))
    const next = replyRow('r2', 5, 'm2', { revision: 6 })
    const state = after(waiting, ended(reply, 5, [next]))
    const row = state.messages[2]
    expect(row && textOf(state, row)).toBe('Hello, you.')
    expect(state.live.has('r1')).toBe(false)
    expect(state.messages[4]?.revision).toBe(6)
    expect(after(state, ...said(delta('r1', 1, 5, ', late')))).toBe(state)
  })
})

describe('pages', () => {
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
    expect(after(more, { type: 'joined', snapshot: same })).toMatchObject({ messages: more.messages, hasMore: false })
    const newer = { ...same, session: sessionRow(7, 'm7'), messages: [messageRow('m7', 7, { parentId: 'm6' })] }
    const moved = after(more, { type: 'joined', snapshot: newer })
    expect(ids(moved)).toEqual(['m7'])
    expect(moved.hasMore).toBe(true)
  })
})

describe('optimistic messages', () => {
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
})
