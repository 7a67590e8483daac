import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { asyncApiDocument } from './document.ts'
import { withTables } from './guide.ts'
import { guideTables } from './tables.ts'

/*
 * Writes docs/asyncapi.json and the tables of docs/protocol.md from the contract. With `--check` it
 * writes nothing, and fails when either is stale.
 */

const docs = new URL('../../../docs/', import.meta.url)
const documentFile = fileURLToPath(new URL('asyncapi.json', docs))
const guideFile = fileURLToPath(new URL('protocol.md', docs))

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}

const expected = [
  {
    name: 'docs/asyncapi.json',
    file: documentFile,
    text: `${JSON.stringify(asyncApiDocument(), null, 2)}\n`,
  },
  { name: 'docs/protocol.md', file: guideFile, text: withTables(textOf(guideFile), guideTables()) },
]
const stale = expected.filter(({ file, text }) => textOf(file) !== text)

if (process.argv.includes('--check')) {
  if (stale.length > 0) {
    const names = stale.map(({ name }) => name).join(' and ')
    process.stderr.write(`Stale: ${names}; run \`pnpm docs:protocol\` and commit the result.\n`)
    process.exitCode = 1
  }
} else {
  for (const { file, text } of stale) writeFileSync(file, text)
}
