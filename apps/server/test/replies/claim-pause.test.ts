import { expect, it } from 'vitest'
import { ClaimPause } from '../../src/chat/claim-pause.ts'

it('[R4] after losing the database a node waits one lease, counted from its return, before it claims', () => {
  let now = 0
  const pause = new ClaimPause({ now: () => now, after: () => () => undefined }, 10_000)
  expect(pause.over).toBe(true)
  pause.lost()
  now = 50_000
  expect(pause.over).toBe(false)
  pause.reached()
  now += 9_999
  pause.reached()
  expect(pause.over).toBe(false)
  now += 1
  expect(pause.over).toBe(true)
})
