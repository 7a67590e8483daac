import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { ROOT } from '../harness/paths.ts'

/** A test that the document names: its file, and its title or the part of it that stands in the source. */
const NAMED = /`([\w./-]+\.tsx?)`:\s+“([^”]+)”/g

it('every promise of docs/security.md names a test that is there', async () => {
  const document = await readFile(join(ROOT, 'docs/security.md'), 'utf8')
  const [promised = ''] = document.split('## Not promised')
  const named = [...promised.matchAll(NAMED)].map(([, file = '', title = '']) => ({ file, title }))
  const promises = promised.match(/^(- |\*\*Dependencies)/gm) ?? []
  expect(named.length).toBe(promises.length)
  const missing: string[] = []
  for (const { file, title } of named) {
    const source = await readFile(join(ROOT, file), 'utf8').catch(() => '')
    if (!source.includes(title)) missing.push(`${file}: ${title}`)
  }
  expect(missing).toEqual([])
})
