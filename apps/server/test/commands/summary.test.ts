import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { environment } from '../services/environment.ts'

const SCRIPTS = new URL('../../../../scripts/', import.meta.url)
const VITEST = dirname(fileURLToPath(import.meta.resolve('vitest/package.json')))
const CONFIG = `export default { test: { reporters: ['default', ${JSON.stringify(fileURLToPath(new URL('test/report.mjs', SCRIPTS)))}] } }`

let folder: string

beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'parley-summary-')))
  write('package.json', '{"name":"sample","packageManager":"npm@10.0.0","workspaces":["packages/*"]}')
  write('turbo.json', '{"ui":"stream","envMode":"loose","tasks":{"test":{"cache":false}}}')
})

afterEach(() => rmSync(folder, { recursive: true, force: true }))

describe('pnpm test ends with the sum over all packages', () => {
  it('and succeeds when some passed and none failed, with the reason of each that was skipped', () => {
    addPackage('one', {
      'a.test.mjs': `import { it } from 'vitest'
        it('holds', () => {})
        it('cannot run here', ({ skip }) => skip('no printer'))`,
    })
    addPackage('two', { 'b.test.mjs': `import { it } from 'vitest'; it('holds too', () => {})` })
    const { lines, status } = runTests()
    expect(lines.at(-1)).toBe('2 passed, 0 failed, 1 skipped')
    expect(lines).toContain('skipped: a.test.mjs > cannot run here (no printer)')
    expect(status).toBe(0)
  })

  it('and counts a test that fails, a file that does not load and a hook that throws', () => {
    addPackage('one', {
      'a.test.mjs': `import { it } from 'vitest'; it('holds', () => {}); it('fails', () => { throw new Error('no') })`,
      'b.test.mjs': `import './missing.mjs'`,
      'c.test.mjs': `import { beforeAll, describe, it } from 'vitest'
        describe('suite', () => { beforeAll(() => { throw new Error('no') }); it('never runs', () => {}) })`,
    })
    const { lines, status } = runTests()
    expect(lines.at(-1)).toBe('1 passed, 3 failed, 1 skipped')
    expect(status).toBe(1)
  })

  it('and counts a package that dies before it can report, though an older report is there', () => {
    addPackage('one', { 'a.test.mjs': `import { it } from 'vitest'; it('holds', () => {})` })
    addPackage(
      'two',
      { 'test-results/report.json': '{"passed":9,"failed":0,"skipped":[]}' },
      'node -e process.exit(7)',
    )
    const { lines, status } = runTests()
    expect(lines.at(-1)).toBe('1 passed, 1 failed, 0 skipped')
    expect(status).toBe(1)
  })

  it('and leaves out what was not chosen by name, and fails when nothing was', () => {
    addPackage('one', {
      'a.test.mjs': `import { describe, it } from 'vitest'
        describe('suite', () => { it('holds', () => {}); it('other', () => {}) })`,
    })
    expect(runTests('-t', 'suite holds').lines.at(-1)).toBe('1 passed, 0 failed, 0 skipped')
    expect(runTests('-t', 'no such test').status).toBe(1)
  })
})

function addPackage(
  name: string,
  files: Record<string, string>,
  test = 'node node_modules/vitest/vitest.mjs run',
) {
  write(`packages/${name}/package.json`, JSON.stringify({ name, type: 'module', scripts: { test } }))
  write(`packages/${name}/vitest.config.mjs`, CONFIG)
  mkdirSync(join(folder, 'packages', name, 'node_modules'))
  symlinkSync(VITEST, join(folder, 'packages', name, 'node_modules/vitest'), 'junction')
  for (const [path, content] of Object.entries(files)) write(`packages/${name}/${path}`, content)
}

function write(path: string, content: string): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true })
  writeFileSync(join(folder, path), content)
}

function runTests(...args: string[]): { lines: string[]; status: number | null } {
  const run = spawnSync(process.execPath, [fileURLToPath(new URL('test.mjs', SCRIPTS)), ...args], {
    cwd: folder,
    encoding: 'utf8',
    env: { ...environment },
  })
  return { lines: run.stdout.trim().split('\n'), status: run.status }
}
