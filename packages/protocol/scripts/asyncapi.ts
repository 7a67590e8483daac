import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { asyncApiDocument } from './document.ts'
import { withTables } from './guide.ts'
import { guideTables } from './tables.ts'

/*
 * Writes asyncapi.json and the tables of protocol.md from the contract, in docs/ or in the directory
 * that is named. With `--check` it writes nothing, and fails when either is stale.
 */
const { values, positionals } = parseArgs({ options: { check: { type: 'boolean' } }, allowPositionals: true })
const docs = positionals[0] ?? fileURLToPath(new URL('../../../docs/', import.meta.url))

try {
  const stale = staleFiles(docs)
  if (!values.check) for (const { name, text } of stale) writeFileSync(join(docs, name), text)
  else if (stale.length > 0)
    fail(`Stale: ${stale.map(({ name }) => name).join(' and ')}; run \`pnpm docs:protocol\`.`)
} catch (cause) {
  fail(`The protocol's documents cannot be made: ${cause instanceof Error ? cause.message : cause}.`)
}

/** The documents that differ from what the contract says, with the text that they should have. */
function staleFiles(directory: string): { name: string; text: string }[] {
  const guide = textOf(join(directory, 'protocol.md'))
  const expected = [
    { name: 'asyncapi.json', text: `${JSON.stringify(asyncApiDocument(), null, 2)}\n` },
    { name: 'protocol.md', text: withTables(guide, guideTables()) },
  ]
  return expected.filter(({ name, text }) => textOf(join(directory, name)) !== text)
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}

function fail(sentence: string): void {
  process.stderr.write(`${sentence}\n`)
  process.exitCode = 1
}
