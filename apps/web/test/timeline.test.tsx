import { act, render } from '@testing-library/react'
import * as mdast from 'mdast-util-from-markdown'
import { expect, it, vi } from 'vitest'
import { Conversation } from '../src/chat/conversation.tsx'
import { createDrafts } from '../src/chat/draft.ts'
import { SentAt } from '../src/chat/sent-at.tsx'
import { message, stage } from './stage.ts'

vi.mock('mdast-util-from-markdown', { spy: true })
vi.mock('../src/chat/sent-at.tsx', { spy: true })

it('case i2: settled messages are parsed and drawn once while another one is written', async () => {
  const settled = Array.from({ length: 200 }, (_, index) =>
    message(index + 1, { sender: index % 2 === 0 ? 'user' : 'ai', content: `Settled ${index + 1}.` }),
  )
  const on = stage([...settled, message(201, { status: 'live', content: '', finishReason: null })])
  const drafts = createDrafts(() => sessionStorage)
  render(<Conversation session={on.session} drafts={drafts} isOnline ending={null} />)
  const parsed = () => vi.mocked(mdast.fromMarkdown).mock.calls.map(([text]) => String(text))
  expect(parsed().filter((text) => text.startsWith('Settled'))).toHaveLength(100)

  const drawn = vi.mocked(SentAt).mock.calls.length
  let offset = 0
  for (let token = 0; token < 500; token++) {
    const text = token % 20 === 19 ? `token ${token}.\n\n` : `token ${token} `
    const delta = {
      sessionId: 'session-1',
      replyId: 'message-201',
      epoch: 1,
      offset,
      text,
      start: offset === 0,
    }
    await act(async () => on.dispatch({ type: 'delta', delta }))
    offset += text.length
  }
  expect(parsed().filter((text) => text.startsWith('Settled'))).toHaveLength(100)
  expect(parsed().length).toBeGreaterThan(500)

  await act(async () =>
    on.dispatch({ type: 'pending', clientMessageId: 'a', content: 'Next', status: 'sending' }),
  )
  // Every message draws its time when it is drawn: none was drawn again, not even by a new neighbour.
  expect(vi.mocked(SentAt).mock.calls.length).toBe(drawn)
}, 60_000)
