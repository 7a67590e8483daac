import { act, cleanup, fireEvent, render, screen, waitFor, within } from '@testing-library/react'
import { afterEach, describe, expect, it } from 'vitest'
import { Conversation } from '../src/chat/conversation.tsx'
import { createDrafts } from '../src/chat/draft.ts'
import { message, type Stage, stage } from './stage.ts'

const drafts = createDrafts(() => sessionStorage)
const greeting = message(1)
const question = message(2, { sender: 'user', content: 'Why?' })
const answer = message(3, { content: 'Because.' })

function open(on: Stage = stage([greeting, question, answer]), isOnline = true): Stage {
  render(<Conversation session={on.session} drafts={drafts} isOnline={isOnline} ending={null} />)
  return on
}

const button = (name: string) => screen.getByRole<HTMLButtonElement>('button', { name })
const press = (name: string) => fireEvent.click(button(name))
const editor = () => screen.getByRole<HTMLTextAreaElement>('textbox', { name: 'Your message' })

function edit(text: string): void {
  press('Edit message')
  fireEvent.change(editor(), { target: { value: text } })
}

afterEach(() => {
  cleanup()
  sessionStorage.clear()
})

describe('[M6] answering anew', () => {
  it('is offered on the last reply only, not on a greeting, and asks once for two clicks', () => {
    const on = open(stage([greeting, question, answer, message(4, { sender: 'user' }), message(5)]))
    expect(screen.getAllByRole('button', { name: 'Answer anew' })).toHaveLength(1)
    press('Answer anew')
    press('Answer anew')
    expect(on.asked).toEqual(['regenerate message-5'])
    cleanup()
    open(stage([greeting]))
    expect(screen.queryByRole('button', { name: 'Answer anew' })).toBeNull()
  })

  it('is the way on after a reply that failed, once', () => {
    const on = open(stage([greeting, question, message(3, { status: 'failed', error: 'AI_TIMEOUT' })]))
    expect(screen.queryByRole('button', { name: 'Answer anew' })).toBeNull()
    press('Try again')
    expect(on.asked).toEqual(['regenerate message-3'])
  })

  it('is not offered while a reply is written, or without a connection', () => {
    open(stage([greeting, question, message(3, { status: 'live', content: '' })]))
    expect(screen.queryByRole('button', { name: 'Answer anew' })).toBeNull()
    cleanup()
    open(undefined, false)
    expect(screen.queryByRole('button', { name: 'Answer anew' })).toBeNull()
  })
})

describe('[M6] versions', () => {
  const siblingIds = ['message-2', 'message-4']
  const first = { ...question, siblingIds }
  const second = message(4, { ...question, id: 'message-4', seq: 4, content: 'How?', siblingIds })
  const begun = () => stage([greeting, second, message(5)])

  it('say which one is shown, and lead to the others', async () => {
    const on = open(begun())
    const versions = within(screen.getByRole('group', { name: 'Version 2 of 2' }))
    const later = versions.getByRole('button', { name: 'Later version' })
    expect(later.getAttribute('aria-disabled')).toBe('true')
    fireEvent.click(later)
    fireEvent.click(versions.getByRole('button', { name: 'Earlier version' }))
    expect(on.asked).toEqual(['select message-2'])
  })

  it('keep the keyboard where it is when another one is shown', async () => {
    const on = open(begun())
    const earlier = button('Earlier version')
    earlier.focus()
    const { session } = on.session.state.get()
    const shown = { ...session, revision: 6, activeLeafId: 'message-3' }
    await act(async () =>
      on.dispatch({
        type: 'change',
        change: { prevRevision: 5, revision: 6, session: shown, messages: [first, answer] },
      }),
    )
    expect(screen.getByText('Why?')).toBeTruthy()
    expect(screen.getByRole('group', { name: 'Version 1 of 2' })).toBeTruthy()
    expect(document.activeElement).toBe(button('Earlier version'))
  })

  it('cannot be changed without a connection', () => {
    const on = open(begun(), false)
    press('Earlier version')
    expect(on.asked).toEqual([])
  })
})

describe('[M6] editing what was said', () => {
  it('begins with the text and the keyboard, and Escape leaves everything as it was', async () => {
    const on = open()
    edit('Else')
    expect(document.activeElement).toBe(editor())
    fireEvent.keyDown(editor(), { key: 'Escape' })
    expect(screen.queryByRole('textbox', { name: 'Your message' })).toBeNull()
    expect(screen.getByText('Why?')).toBeTruthy()
    expect(on.asked).toEqual([])
    await waitFor(() => expect(document.activeElement).toBe(button('Edit message')))
  })

  it('shows the new text at once, in the place of the message and what followed', () => {
    const on = open()
    edit('How?')
    fireEvent.keyDown(editor(), { key: 'Enter', keyCode: 13 })
    expect(on.asked).toEqual(['edit message-2'])
    expect(screen.getByText('How?')).toBeTruthy()
    expect(screen.queryByText('Why?')).toBeNull()
    expect(screen.queryByText('Because.')).toBeNull()
    expect(screen.getByText('Text 1')).toBeTruthy()
  })

  it('brings back what was hidden when it is refused, with the text and the reason', async () => {
    const on = open()
    edit('Rude')
    press('Save')
    await act(async () => on.refuse('MODERATION_FAILED'))
    expect(editor().value).toBe('Rude')
    expect(screen.getByText('Because.')).toBeTruthy()
    expect(screen.getAllByText(/goes against the rules/).length).toBeGreaterThan(0)
    press('Cancel')
    expect(screen.getByText('Why?')).toBeTruthy()
    expect(on.session.state.get().pending).toEqual([])
  })

  it('sends a changed text that was refused as another edit', async () => {
    const on = open()
    edit('Rude')
    press('Save')
    await act(async () => on.refuse('MODERATION_FAILED'))
    fireEvent.change(editor(), { target: { value: 'Kind' } })
    press('Save')
    expect(on.asked).toEqual(['edit message-2', 'edit message-2'])
    expect(on.session.state.get().pending).toMatchObject([{ content: 'Kind', replaces: 'message-2' }])
  })

  it('asks for nothing when the text is the same, or shows nothing', () => {
    const on = open()
    edit(' \n')
    expect(button('Save').disabled).toBe(true)
    fireEvent.change(editor(), { target: { value: 'Why?' } })
    press('Save')
    expect(on.asked).toEqual([])
  })
})
