import { limits } from '@parley/protocol'
import { act, cleanup, fireEvent, render, screen } from '@testing-library/react'
import { afterEach, describe, expect, it } from 'vitest'
import { Conversation } from '../src/chat/conversation.tsx'
import { createDrafts } from '../src/chat/draft.ts'
import { message, type Stage, stage } from './stage.ts'

const drafts = createDrafts(() => sessionStorage)

function open(on: Stage = stage([message(1)])): Stage {
  render(<Conversation session={on.session} drafts={drafts} isOnline ending={null} />)
  return on
}

function field(): HTMLTextAreaElement {
  return screen.getByRole<HTMLTextAreaElement>('textbox')
}

function write(text: string): void {
  fireEvent.change(field(), { target: { value: text } })
}

function texts({ sent }: Stage): string[] {
  return sent.map(({ content }) => content)
}

afterEach(() => {
  cleanup()
  sessionStorage.clear()
})

describe('the composer', () => {
  it('sends on Enter and is empty then', () => {
    const on = open()
    write('Hello')
    fireEvent.keyDown(field(), { key: 'Enter', keyCode: 13 })
    expect(texts(on)).toEqual(['Hello'])
    expect(field().value).toBe('')
  })

  it('case d1: two Enters at once send one message', () => {
    const on = open()
    write('Hello')
    fireEvent.keyDown(field(), { key: 'Enter', keyCode: 13 })
    fireEvent.keyDown(field(), { key: 'Enter', keyCode: 13 })
    expect(texts(on)).toEqual(['Hello'])
  })

  it('leaves Shift+Enter to the text field', () => {
    const on = open()
    write('Hello')
    const isUntouched = fireEvent.keyDown(field(), { key: 'Enter', keyCode: 13, shiftKey: true })
    expect(isUntouched).toBe(true)
    expect(texts(on)).toEqual([])
  })

  it.each([
    { name: 'as the standard says', keyCode: 13, isComposing: true },
    { name: 'as Safari does it', keyCode: 229, isComposing: false },
  ])('case c3: an Enter that confirms a composition is not sent, $name', ({ keyCode, isComposing }) => {
    const on = open()
    write('にほん')
    fireEvent.keyDown(field(), { key: 'Enter', keyCode, isComposing })
    expect(texts(on)).toEqual([])
    expect(field().value).toBe('にほん')
  })
})

describe('a text that cannot be sent', () => {
  it('sends nothing that shows nothing', () => {
    const on = open()
    write(' \n\u200b')
    fireEvent.keyDown(field(), { key: 'Enter', keyCode: 13 })
    expect(texts(on)).toEqual([])
  })

  it('case a6: refuses a text beyond the limit before it is sent, and says by how much', () => {
    const on = open()
    write('😀'.repeat(limits.contentCodePoints))
    expect(screen.getByRole<HTMLButtonElement>('button', { name: 'Send' }).disabled).toBe(false)
    write('😀'.repeat(limits.contentCodePoints + 2))
    fireEvent.keyDown(field(), { key: 'Enter', keyCode: 13 })
    expect(texts(on)).toEqual([])
    expect(screen.getByText(/2 characters too long/)).toBeTruthy()
    expect(screen.getByRole<HTMLButtonElement>('button', { name: 'Send' }).disabled).toBe(true)
  })
})

describe('case c7: what was sent', () => {
  it('does not take with it what is typed meanwhile, however slow it is', async () => {
    const on = open()
    write('First')
    fireEvent.keyDown(field(), { key: 'Enter', keyCode: 13 })
    write('Second, half wri')
    const { id } = on.sent[0] ?? { id: '' }
    const said = message(2, { sender: 'user', content: 'First', clientMessageId: id })
    await act(async () => {
      const { session } = on.session.state.get()
      const change = {
        prevRevision: 1,
        revision: 2,
        session: { ...session, revision: 2, activeLeafId: said.id },
      }
      on.dispatch({ type: 'change', change: { ...change, messages: [said] }, clientMessageId: id })
    })
    expect(screen.getAllByText('First')).toHaveLength(1)
    expect(field().value).toBe('Second, half wri')
  })

  it('comes back to be changed when it was refused', async () => {
    const on = open()
    write('Something rude')
    fireEvent.keyDown(field(), { key: 'Enter', keyCode: 13 })
    await act(async () => on.refuse('MODERATION_FAILED'))
    expect(field().value).toBe('Something rude')
    expect(on.session.state.get().pending).toEqual([])
    expect(screen.getAllByText(/goes against the rules/).length).toBeGreaterThan(0)
  })

  it('does not overwrite, when refused, what is being typed, and can be had back', async () => {
    const on = open()
    write('Something rude')
    fireEvent.keyDown(field(), { key: 'Enter', keyCode: 13 })
    write('Next')
    await act(async () => on.refuse('MODERATION_FAILED'))
    expect(field().value).toBe('Next')
    fireEvent.click(screen.getByRole('button', { name: 'Edit' }))
    expect(field().value).toBe('Something rude\nNext')
  })

  it('offers to send again what failed for a reason that passes', async () => {
    const on = open()
    write('Hello')
    fireEvent.keyDown(field(), { key: 'Enter', keyCode: 13 })
    await act(async () => on.refuse('BUSY'))
    expect(field().value).toBe('')
    fireEvent.click(screen.getByRole('button', { name: 'Send again' }))
    expect(texts(on)).toEqual(['Hello'])
  })

  it('keeps a draft over a reload', () => {
    open()
    write('Half a thou')
    cleanup()
    open()
    expect(field().value).toBe('Half a thou')
  })

  it('keeps a draft to the conversation that it is for', () => {
    const on = stage([message(1)])
    open()
    write('Half a thou')
    cleanup()
    open({ ...on, session: { ...on.session, id: 'session-2' } })
    expect(field().value).toBe('')
  })
})

describe('replies', () => {
  it('shows that somebody thinks until the first text is there, and a way to stop', async () => {
    const on = stage([message(1), message(2, { status: 'live', content: '', finishReason: null })])
    open(on)
    expect(screen.getByText('Wren Okafor is thinking')).toBeTruthy()
    expect(screen.getByRole('button', { name: 'Stop the reply' })).toBeTruthy()
    await act(async () => {
      const delta = {
        sessionId: 'session-1',
        replyId: 'message-2',
        epoch: 1,
        offset: 0,
        text: 'Well',
        start: true,
      }
      on.dispatch({ type: 'delta', delta })
    })
    expect(screen.queryByText('Wren Okafor is thinking')).toBeNull()
    expect(screen.getByText('Well')).toBeTruthy()
  })

  it.each([
    { change: { status: 'stopped' }, says: /You stopped this reply/, offers: 'Try again' },
    { change: { status: 'failed', error: 'AI_TIMEOUT' }, says: /took too long/, offers: 'Try again' },
    { change: { status: 'failed', error: 'RATE_LIMITED' }, says: /used up/, offers: 'Try again' },
    { change: { finishReason: 'length' }, says: /Cut off/, offers: 'Continue' },
  ] as const)('case b6, b8: says how a reply ended: $says', ({ change, says, offers }) => {
    const asked = message(1, { sender: 'user', content: 'What?' })
    open(stage([asked, message(2, { ...change, demo: true })]))
    expect(screen.getByText(says)).toBeTruthy()
    expect(screen.queryByRole('button', { name: 'Try again' }) !== null).toBe(offers === 'Try again')
    expect(screen.queryByRole('button', { name: 'Continue' }) !== null).toBe(offers === 'Continue')
  })

  it('marks demo replies and says once how to connect a model', () => {
    open(stage([message(1, { demo: true }), message(2, { sender: 'user' }), message(3, { demo: true })]))
    expect(screen.getByText('Demo')).toBeTruthy()
    expect(screen.getAllByText('OPENAI_API_KEY')).toHaveLength(1)
  })
})

describe('case i1: reading further up', () => {
  it('offers the way to the newest while away from it, and takes it when something is sent', () => {
    const on = open()
    const list = screen.getByRole('region', { name: 'Messages' })
    Object.defineProperties(list, { scrollHeight: { value: 2000 }, clientHeight: { value: 500 } })
    const scrollTo = (top: number) => {
      list.scrollTop = top
      fireEvent.scroll(list)
    }
    scrollTo(1500)
    expect(screen.queryByRole('button', { name: 'Newest' })).toBeNull()
    scrollTo(1200)
    expect(screen.getByRole('button', { name: 'Newest' })).toBeTruthy()
    write('Hello')
    fireEvent.keyDown(field(), { key: 'Enter', keyCode: 13 })
    expect(texts(on)).toEqual(['Hello'])
    expect(screen.queryByRole('button', { name: 'Newest' })).toBeNull()
  })
})
