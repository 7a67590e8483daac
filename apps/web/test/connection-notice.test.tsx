import { ChatError, type ConnectionState } from '@parley/client'
import { cleanup, fireEvent, render, screen } from '@testing-library/react'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { ConnectionNotice } from '../src/chat/connection-notice.tsx'

afterEach(cleanup)

function show(change: Partial<ConnectionState>) {
  const connection: ConnectionState = {
    status: 'online',
    attempt: 0,
    nextAttemptAt: null,
    error: null,
    identity: null,
    ...change,
  }
  const onRetry = vi.fn()
  const onReload = vi.fn()
  const { container } = render(<ConnectionNotice {...{ connection, onRetry, onReload }} />)
  return { container, onRetry, onReload }
}

describe('the connection notice', () => {
  it('is silent while all is well', () => {
    expect(show({}).container.textContent).toBe('')
  })

  it('[C4] counts down to the next attempt and lets the person be faster', () => {
    const { container, onRetry } = show({
      status: 'reconnecting',
      attempt: 2,
      nextAttemptAt: Date.now() + 7000,
    })
    expect(container.textContent).toMatch(/Next try in [67] s, attempt 2 of 5/)
    fireEvent.click(screen.getByRole('button', { name: 'Try now' }))
    expect(onRetry).toHaveBeenCalledOnce()
  })

  it('[C4] offers nothing to press while an attempt is under way', () => {
    const { container } = show({ status: 'reconnecting', attempt: 2 })
    expect(container.textContent).toMatch(/Trying/)
    expect(screen.queryByRole('button')).toBeNull()
  })

  it('[C4] says that it gave up, at once, and offers to try again', () => {
    const { onRetry } = show({ status: 'offline', error: new ChatError('DISCONNECTED') })
    expect(screen.getByRole('alert').textContent).toMatch(/no connection/)
    fireEvent.click(screen.getByRole('button', { name: 'Try again' }))
    expect(onRetry).toHaveBeenCalledOnce()
  })

  it('[C3] asks for a reload when page and server do not fit', () => {
    const { onReload } = show({ status: 'mismatch', error: new ChatError('PROTOCOL_MISMATCH') })
    expect(screen.getByRole('alert').textContent).toMatch(/older or newer/)
    fireEvent.click(screen.getByRole('button', { name: 'Reload' }))
    expect(onReload).toHaveBeenCalledOnce()
  })
})
