import type { ChatSession, JoinRequest } from '@parley/client'
import { renderHook, waitFor } from '@testing-library/react'
import { StrictMode } from 'react'
import { describe, expect, it, vi } from 'vitest'
import { createRooms } from '../src/chat/rooms.ts'
import { useSession } from '../src/chat/use-session.ts'
import { message, stage } from './stage.ts'

/** A client that counts, as the real one does, how often its one session is held. */
function counting() {
  const { session } = stage([message(1)])
  let holds = 0
  const held: ChatSession = { ...session, leave: () => holds-- }
  const join = vi.fn(async (_request: JoinRequest) => {
    holds++
    return held
  })
  return { join, session: held, holds: () => holds }
}

describe('rooms', () => {
  it('case a3: holds one session once, also when React mounts everything twice', async () => {
    const client = counting()
    const rooms = createRooms(client)
    const { result, unmount } = renderHook(() => useSession(rooms, 'wren', undefined, true), {
      wrapper: StrictMode,
    })
    await waitFor(() => expect(result.current.status).toBe('open'))
    expect(client.holds()).toBe(1)
    vi.useFakeTimers()
    unmount()
    vi.runAllTimers()
    vi.useRealTimers()
    expect(client.holds()).toBe(0)
  })

  it('shows a session that was open a moment ago at once', async () => {
    const client = counting()
    const rooms = createRooms(client)
    const session = await rooms.enter({ personaId: 'wren' })
    rooms.exit(session)
    expect(rooms.peek('wren', 'session-1')).toBe(session)
    await rooms.enter({ personaId: 'wren', sessionId: 'session-1' })
    expect(client.join).toHaveBeenCalledOnce()
  })

  it('[C4] leaves no session from which something is still to be sent', async () => {
    const on = stage([message(1)])
    let isLeft = false
    const session: ChatSession = {
      ...on.session,
      leave: () => {
        isLeft = true
      },
    }
    const rooms = createRooms({ join: async () => session })
    await rooms.enter({ personaId: 'wren' })
    const pending = { type: 'pending', clientMessageId: 'a', content: 'Hi', status: 'queued' } as const
    on.dispatch(pending)
    vi.useFakeTimers()
    rooms.exit(session)
    vi.runAllTimers()
    on.dispatch({ ...pending, status: 'sending' })
    expect(isLeft).toBe(false)
    on.dispatch({ type: 'discarded', clientMessageId: 'a' })
    expect(isLeft).toBe(true)
    vi.useRealTimers()
  })

  it('knows no session under another persona', async () => {
    const rooms = createRooms(counting())
    await rooms.enter({ personaId: 'wren' })
    expect(rooms.peek('oriel', 'session-1')).toBeUndefined()
  })
})
