import { ChatError, reduce } from '@parley/client'
import { describe, expect, it } from 'vitest'
import { announce } from '../src/chat/announcement.ts'
import { message, session, stage } from './stage.ts'

const live = message(2, { status: 'live', content: '', finishReason: null })

function begun() {
  return stage([message(1, { sender: 'user' }), live]).session.state.get()
}

function ended(change: Parameters<typeof message>[1]) {
  const before = begun()
  const response = {
    ...message(2, { revision: 3, ...change }),
    change: {
      prevRevision: 2,
      revision: 3,
      session: session({ revision: 3, activeLeafId: 'message-2' }),
      messages: [],
    },
  }
  return announce(before, reduce(before, { type: 'response', response }), 'Wren')
}

describe('case i3: what a screen reader is told', () => {
  it('is nothing for the pieces of a reply', () => {
    const before = begun()
    const delta = { sessionId: 'session-1', replyId: live.id, epoch: 1, offset: 0, text: 'Well', start: true }
    expect(announce(before, reduce(before, { type: 'delta', delta }), 'Wren')).toBeNull()
  })

  it('is nothing for a reply whose turn has come', () => {
    const waiting = message(2, { status: 'waiting', content: '', finishReason: null })
    const before = stage([message(1, { sender: 'user' }), waiting]).session.state.get()
    const change = {
      prevRevision: 2,
      revision: 3,
      session: session({ revision: 3, activeLeafId: 'message-2' }),
      messages: [{ ...live, revision: 3 }],
    }
    const after = reduce(before, { type: 'change', change })
    expect(after.messages[1]?.status).toBe('live')
    expect(announce(before, after, 'Wren')).toBeNull()
  })

  it('is a reply once, politely, when it has ended', () => {
    expect(ended({ content: 'Well, **no**.' })).toEqual({ text: 'Wren replied: Well, no.', isUrgent: false })
  })

  it('is a failed reply at once', () => {
    expect(ended({ status: 'failed', error: 'AI_UNAVAILABLE' })).toMatchObject({ isUrgent: true })
  })

  it('is a refused message at once, and only once', () => {
    const on = stage([message(1)])
    on.dispatch({ type: 'pending', clientMessageId: 'a', content: 'Hi', status: 'sending' })
    const before = on.session.state.get()
    on.dispatch({ type: 'rejected', clientMessageId: 'a', error: new ChatError('BUSY') })
    const after = on.session.state.get()
    expect(announce(before, after, 'Wren')).toMatchObject({ isUrgent: true })
    expect(announce(after, { ...after }, 'Wren')).toBeNull()
  })
})
