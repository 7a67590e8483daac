import { ChatError, type PendingMessage } from '@parley/client'
import { act, cleanup, render, screen } from '@testing-library/react'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { Sending } from '../src/chat/sending.tsx'

const nothing = () => undefined

function show(change: Partial<PendingMessage>, more: { isOnline?: boolean; isGone?: boolean } = {}): string {
  const entry: PendingMessage = {
    clientMessageId: 'a',
    content: 'Hi',
    replaces: null,
    status: 'queued',
    error: null,
    nextTryAt: null,
    committedAt: null,
    ...change,
  }
  const can = { onResend: nothing, onEdit: nothing, onDiscard: nothing }
  render(<Sending startsGroup entry={entry} isOnline isGone={false} {...more} {...can} />)
  return screen.getByRole('listitem').textContent
}

beforeEach(() => vi.useFakeTimers())
afterEach(() => {
  cleanup()
  vi.useRealTimers()
})

it.each([
  { change: { status: 'queued' }, isOnline: false, says: /when the connection is back/ },
  { change: { status: 'queued' }, isOnline: true, says: /Waiting for the message before/ },
  { change: { status: 'sending' }, isOnline: true, says: /Sending…/ },
  {
    change: { status: 'sending', error: new ChatError('BUSY') },
    isOnline: true,
    says: /when there is room/,
  },
  {
    change: { status: 'sending', error: new ChatError('STORAGE_UNAVAILABLE') },
    isOnline: true,
    says: /again in a moment/,
  },
  {
    change: { status: 'failed', error: new ChatError('MODERATION_FAILED') },
    isOnline: true,
    says: /Not sent\..*against the rules/,
  },
] as const)('case a1: a message that is not sent says why: $says', ({ change, isOnline, says }) => {
  expect(show(change, { isOnline })).toMatch(says)
})

it('counts down while a limit is waited out', () => {
  const error = new ChatError('RATE_LIMITED', { retryAfterMs: 12_000 })
  expect(show({ status: 'sending', error, nextTryAt: Date.now() + 12_000 })).toMatch(/goes out in 12 s/)
  act(() => vi.advanceTimersByTime(3_000))
  expect(screen.getByRole('listitem').textContent).toMatch(/goes out in 9 s/)
})

it('says from when on a message may be sent again whose limit is too far away', () => {
  const error = new ChatError('RATE_LIMITED', { retryAfterMs: 600_000 })
  expect(show({ status: 'failed', error, nextTryAt: Date.now() + 600_000 })).toMatch(
    /Not sent. That was too fast. You can go on in 10 min/,
  )
  act(() => vi.advanceTimersByTime(600_000))
  expect(screen.getByRole('listitem').textContent).not.toMatch(/go on in/)
})

it.each([
  { code: 'BUSY', isGone: false, offers: ['Discard', 'Edit', 'Send again'] },
  { code: 'MODERATION_FAILED', isGone: false, offers: ['Discard', 'Edit'] },
  { code: 'SESSION_NOT_FOUND', isGone: true, offers: ['Copy message', 'Discard'] },
] as const)('case c7: offers what can help after $code', ({ code, isGone, offers }) => {
  show({ status: 'failed', error: new ChatError(code) }, { isGone })
  const offered = screen.getAllByRole('button').map((button) => button.textContent || button.title)
  expect(offered).toEqual(offers)
})
