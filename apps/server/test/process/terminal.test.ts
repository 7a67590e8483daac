import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { ROOT } from '../harness/paths.ts'
import { freePort } from '../services/sandbox.ts'
import { until } from './people.ts'
import { dataDirectory, type Program, startProgram, startServer, TIMEOUT_MS } from './server-process.ts'

/** The README's terminal chat, as `pnpm chat` starts it. */
function startChat(url: string, ...args: string[]): Program {
  return startProgram(join('examples', 'terminal', 'chat.ts'), { cwd: ROOT, args, env: { PARLEY_URL: url } })
}

describe('the terminal chat', { timeout: TIMEOUT_MS }, () => {
  it('greets, streams what the persona says, and ends with its input', async () => {
    const server = await startServer({ DATA_DIR: await dataDirectory() })
    const chat = startChat(server.url, 'bruna')
    const pieces: string[] = []
    chat.child.stdout?.on('data', (text: string) => pieces.push(text))
    await until(() => chat.stdout().includes('\n> '))
    expect(chat.stdout()).toMatch(/^Connecting to .*\n\nBruna.*: \S/)
    const before = pieces.length
    chat.child.stdin?.write('Hello, who are you?\n')
    await until(() => chat.stdout().split('\n> ').length === 3)
    expect(pieces.length - before).toBeGreaterThan(5)
    chat.child.stdin?.write('   \n')
    await until(() => chat.stderr() !== '')
    expect(chat.stderr()).toBe('The server could not read this request.\n')
    chat.child.stdin?.end()
    expect(await chat.ended).toEqual({ code: 0, signal: null })
  })

  it('answers everything that was piped in before it ends', async () => {
    const server = await startServer({ DATA_DIR: await dataDirectory() })
    const chat = startChat(server.url)
    chat.child.stdin?.end('Hello\nAnd you?\n')
    expect(await chat.ended).toEqual({ code: 0, signal: null })
    expect(chat.stderr()).toBe('')
    const [, first, second] = chat.stdout().split('\n> ')
    expect(first?.trim()).not.toBe('')
    expect(second?.trim()).not.toBe('')
  })

  it('says so when there is no such persona or no server', async () => {
    const server = await startServer({ DATA_DIR: await dataDirectory() })
    const lost = startChat(server.url, 'nobody')
    expect(await lost.ended).toEqual({ code: 1, signal: null })
    expect(lost.stderr()).toBe('This persona does not exist.\n')
    const url = `http://127.0.0.1:${await freePort()}`
    const alone = startChat(url)
    expect(await alone.ended).toEqual({ code: 1, signal: null })
    expect(alone.stderr()).toBe(`${url} does not answer.\n`)
  })
})
