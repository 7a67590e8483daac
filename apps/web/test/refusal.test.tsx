import { ChatError } from '@parley/client'
import { act, cleanup, fireEvent, render, screen } from '@testing-library/react'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { Conversation } from '../src/chat/conversation.tsx'
import { createDrafts } from '../src/chat/draft.ts'
import { Refusal } from '../src/chat/refusal.tsx'
import { message, type Stage, stage } from './stage.ts'

beforeEach(() => void vi.useFakeTimers({ shouldAdvanceTime: false }))
afterEach(() => {
  cleanup()
  vi.useRealTimers()
})

const limited = (retryAfterMs: number, requestId: string) =>
  new ChatError('RATE_LIMITED', { retryAfterMs, requestId })
const pass = (ms: number) => act(() => vi.advanceTimersByTime(ms))
const text = () => document.body.textContent ?? ''

function open(session: Stage['session']): void {
  const drafts = createDrafts(() => sessionStorage)
  render(<Conversation session={session} drafts={drafts} isOnline ending={null} />)
}

it('a message that was too fast says when it goes out, counting down, and anew when it was too fast again', () => {
  const on = stage([message(1)])
  open(on.session)
  const refuse = (error: ChatError) => {
    const nextTryAt = Date.now() + (error.retryAfterMs ?? 0)
    const entry = { clientMessageId: 'a', content: 'Hi', status: 'sending', error, nextTryAt } as const
    act(() => on.dispatch({ type: 'pending', ...entry }))
  }
  refuse(limited(12_000, 'one'))
  expect(text()).toContain('goes out in 12 s')
  pass(5_000)
  expect(text()).toContain('goes out in 7 s')
  pass(8_000)
  expect(text()).toContain('Will be sent again in a moment')
  refuse(limited(20_000, 'two'))
  expect(text()).toContain('goes out in 20 s')
})

it('what the person asked for and was too fast says when they can try again, and writing on takes it away', async () => {
  const on = stage([message(1), message(2, { sender: 'user' }), message(3)])
  open({ ...on.session, regenerate: () => Promise.reject(limited(9_000, 'one')) })
  await act(async () =>
    fireEvent.click(screen.getByRole('button', { name: /another reply|regenerate|answer/i })),
  )
  expect(text()).toContain('too fast. Wait a moment and try again. You can try again in 9 s.')
  pass(4_000)
  expect(text()).toContain('in 5 s.')
  fireEvent.change(screen.getByRole('textbox'), { target: { value: 'x' } })
  expect(text()).not.toContain('You can try again')
})

it.each([
  [90_000, 'in 90 s'],
  [121_000, 'in 3 min'],
  [5 * 3_600_000, 'in 5 h'],
])('a wait of %i ms is told as %s', (ms, told) => {
  render(<Refusal error={limited(ms, 'one')} />)
  expect(text()).toContain(`You can try again ${told}.`)
})

it('a failure that no time mends speaks for itself', () => {
  render(<Refusal error={new ChatError('INTERNAL', { retryAfterMs: 5_000 })} />)
  expect(text()).toBe('Something went wrong on the server. Try again.')
})
