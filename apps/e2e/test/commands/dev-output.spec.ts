import { expect, test } from '@playwright/test'
import { createOutput } from '../../../../scripts/dev/output.mjs'

/** What turbo, Vite and the server say at a start, as it comes. */
const PAGE = '  ➜  Local:   http://localhost:5173/'
const SERVER =
  'Parley is ready at http://localhost:3000 (model: demo script; database: embedded (.data); broker: none)'
const CLICK = 'Parley is ready. Open http://localhost:5173'

function shown(lines: readonly string[]): string[] {
  let text = ''
  const take = createOutput((part) => {
    text += part
  }, false)
  for (const line of lines) take(line)
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
}

for (const [title, lines] of [
  ['the page is up first', [PAGE, SERVER]],
  ['the server is up first', [SERVER, PAGE]],
] as const) {
  test(`pnpm dev ends its start with one address to click, that of the page: ${title}`, () => {
    const all = shown(lines)
    expect(all.at(-1)).toBe(CLICK)
    expect(all.filter((line) => line.includes('http'))).toHaveLength(1)
    expect(all.join()).toContain('model: demo script')
  })
}

test('pnpm dev names no address before both the page and the server are up', () => {
  expect(shown([SERVER]).join()).not.toContain('http')
  expect(shown([PAGE])).toEqual([])
})

test('pnpm dev hides bookkeeping and keeps everything that went wrong', () => {
  const faults = [
    'Error: Port 5173 is already in use',
    'Parley cannot start: the port is in use. Set PORT to another one.',
    '[vite] Internal server error: Unexpected token',
  ]
  const noise = [
    '   • turbo 2.11.11',
    'cache bypass, force executing 16614d6c',
    '$ vite',
    ' Tasks:    1 successful',
  ]
  expect(shown([...noise, ...faults, ...noise])).toEqual(faults)
})
