import { expect, it } from 'vitest'
import { after, changed, first, ids, opened, said } from './inputs.ts'
import { change, delta, greeted, replyRow, sessionRow, turn } from './rows.ts'

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
  const late = { ...first, session: sessionRow(5, 'r2') }
  const state = after(opened, changed(late))
  expect(state).toMatchObject({ revision: 3, need: 'sync', branchMissing: false })
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
    snapshot: {
      session: later.session,
      messages: structuredClone([...later.messages]),
      hasMore: false,
      live: null,
    },
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
