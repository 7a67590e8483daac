// `pnpm check`: everything that has to hold before a change goes in. Every check runs, also after
// one has failed. `--skip-tests` leaves the tests out, for who has run them already.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { startTurbo } from './turbo.mjs'

/** Biome colours each letter where others colour words; a log is better off without. */
const PLAIN = process.stderr.isTTY ? [] : ['--colors=off']

const CHECKS = [
  ['format and lint', () => startTool('@biomejs/biome', 'bin/biome', ['ci', '.', ...PLAIN])],
  ['types and docs', () => startTurbo(['run', 'types', 'docs:check', '--continue'], { stdio: 'inherit' })],
  ['unused code', () => startTool('knip', 'bin/knip.js', [])],
  ['known vulnerabilities', () => startNode(join(import.meta.dirname, 'audit.mjs'), [])],
  ['tests', () => startNode(join(import.meta.dirname, 'test.mjs'), [])],
]

process.on('SIGINT', () => {})
const skipTests = process.argv.includes('--skip-tests')
const failed = []
for (const [name, start] of CHECKS) {
  if (skipTests && name === 'tests') continue
  process.stderr.write(`\ncheck: ${name}\n`)
  const [code] = await once(start(), 'exit')
  if (code !== 0) failed.push(name)
  // Ctrl-C ends the check that runs; the others were not asked for either.
  if (code === null || code === 130) break
}
process.stderr.write(failed.length > 0 ? `\ncheck failed: ${failed.join(', ')}\n` : '\ncheck: all is well\n')
process.exitCode = failed.length

function startTool(name, script, args) {
  return startNode(join(import.meta.dirname, '../node_modules', name, script), args)
}

function startNode(script, args) {
  return spawn(process.execPath, [script, ...args], { stdio: 'inherit' })
}
