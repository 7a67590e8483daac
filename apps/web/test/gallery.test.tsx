import { cleanup, fireEvent, render, screen } from '@testing-library/react'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { coloursOf } from '../src/personas/colours.ts'
import { Gallery } from '../src/personas/gallery.tsx'
import { persona, session } from './stage.ts'

afterEach(cleanup)

const oriel = persona({ id: 'a/b', name: 'Oriel', pitch: 'Tells stories.' })

describe('the gallery', () => {
  it('shows everybody with picture, name and pitch, and leads to them', () => {
    const list = [persona(), oriel]
    const { container } = render(
      <Gallery personas={{ status: 'ready', list, retry: vi.fn() }} sessions={[]} />,
    )
    const links = screen.getAllByRole('link').map((link) => link.getAttribute('href'))
    expect(links).toEqual(['/chat/wren', '/chat/a%2Fb'])
    expect(screen.getByText('Tells stories.')).toBeTruthy()
    expect(container.querySelectorAll('img')).toHaveLength(2)
  })

  it('offers to go on where something was said', () => {
    const said = session({ title: 'Bugs', updatedAt: new Date().toISOString() })
    const silent = session({ id: 'session-2', personaId: 'a/b' })
    const personas = { status: 'ready', list: [persona(), oriel], retry: vi.fn() } as const
    render(<Gallery personas={personas} sessions={[said, silent]} />)
    expect(screen.getByText('Continue, just now')).toBeTruthy()
    expect(screen.getByText('Talk with Oriel')).toBeTruthy()
  })

  it('says that nobody could be loaded, and tries again on demand', () => {
    const retry = vi.fn()
    render(<Gallery personas={{ status: 'failed', list: [], retry }} sessions={[]} />)
    fireEvent.click(screen.getByRole('button', { name: 'Try again' }))
    expect(retry).toHaveBeenCalledOnce()
  })

  it('gives a persona that it does not know colours of its own, always the same', () => {
    expect(coloursOf('constructor')).toEqual(coloursOf('constructor'))
    expect(coloursOf('somebody')).not.toEqual(coloursOf('nobody'))
  })
})
