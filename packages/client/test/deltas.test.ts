import { expect, it } from 'vitest'
import { type SessionInput, textOf } from '../src/index.ts'
import { after, changed, ended, first, liveText, opened, said } from './inputs.ts'
import { change, delta, replyRow, turn } from './rows.ts'

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
  const gap = after(
    live,
    ...said(delta('r1', 1, 0, 'He', true), delta('r1', 1, 4, 'o'), delta('r1', 1, 5, '!')),
  )
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
  const gap = after(held, ...said(delta('r1', 2, 8, 'rld', true), delta('r1', 2, 11, '!')))
  const empty = change(3, 3, 'r1', [])
  const synced = (epoch: number, text: string): SessionInput => {
    const saved = { replyId: 'r1', epoch, text }
    return { type: 'synced', afterRevision: 3, answer: { reset: false, change: empty, live: saved } }
  }
  expect(liveText(after(held, synced(1, 'Hel')))).toBe('Hello')
  expect(liveText(after(held, synced(1, 'Hello you')))).toBe('Hello you')
  expect(liveText(after(held, synced(2, 'Hel')))).toBe('Hel')
  const closed = after(gap, synced(2, 'Hello wo'))
  expect(liveText(closed)).toBe('Hello world!')
  expect(closed.need).toBeNull()
})

it('[R2] a held take-over that becomes applicable ends what was held of the epoch before', () => {
  const late = [delta('r1', 2, 7, '!', true), delta('r1', 1, 9, 'old')]
  const state = after(held, ...said(...late, delta('r1', 1, 5, ', y')))
  expect(liveText(state)).toBe('Hello, !')
  expect(state.need).toBeNull()
})

it('[R2] of two held pieces at one place the start lets the longer one follow', () => {
  const state = after(live, ...said(delta('r1', 1, 0, 'Hello'), delta('r1', 1, 0, 'Hel', true)))
  expect(liveText(state)).toBe('Hello')
  expect(state.need).toBeNull()
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
  const state = after(waiting, ended(reply, 5, 'r2', [next]))
  const row = state.messages[2]
  expect(row && textOf(state, row)).toBe('Hello, you.')
  expect(state.live.has('r1')).toBe(false)
  expect(state.messages[4]?.revision).toBe(6)
  expect(after(state, ...said(delta('r1', 1, 5, ', late')))).toBe(state)
})
