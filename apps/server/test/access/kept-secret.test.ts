import { mkdir, mkdtemp, readdir, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { keptSecret } from '../../src/auth/auth.ts'
import { loadEnv } from '../../src/env.ts'

const folder = () => mkdtemp(join(tmpdir(), 'parley-test-'))

describe('the secret of a server that was given none', () => {
  it('is made once, also by starts at the same time, and leaves no draft', async () => {
    const directory = await folder()
    const secrets = await Promise.all(Array.from({ length: 8 }, () => keptSecret(directory)))
    expect(new Set(secrets).size).toBe(1)
    expect(secrets[0]).toMatch(/^[0-9a-f]{64}$/)
    expect(await keptSecret(directory)).toBe(secrets[0])
    expect(await readdir(directory)).toEqual(['auth-secret'])
  })

  it('is never an empty file, which a crash may leave: the start says what to do', async () => {
    const directory = await folder()
    await writeFile(join(directory, 'auth-secret'), '')
    await expect(keptSecret(directory)).rejects.toThrow(/holds no secret; remove it/)
  })
})

describe('case j4: a file .env', () => {
  it('that is there and cannot be read stops the start', async () => {
    const root = await folder()
    await mkdir(join(root, '.env'))
    expect(() => loadEnv(root)).toThrow(/\.env cannot be read/)
  })
})
