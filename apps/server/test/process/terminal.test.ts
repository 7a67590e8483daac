import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Parley, startParley } from '../harness/parley.ts'
import { ROOT } from '../harness/paths.ts'
import { freePort } from '../services/sandbox.ts'
import { until } from './people.ts'
import { type Program, startProgram, TIMEOUT_MS } from './server-process.ts'

/** The README's terminal chat, as `pnpm chat` starts it. */
function startChat(url: string, ...args: string[]): Program {
  return startProgram(join('examples', 'terminal', 'chat.ts'), { cwd: ROOT, args, env: { PARLEY_URL: url } })
}

let parley: Parley

beforeAll(async () => {
  parley = await startParley()
})

afterAll(() => parley.remove())

describe('the terminal chat', { timeout: TIMEOUT_MS }, () => {
  it('greets, streams what the persona says, and ends with its input', async () => {
    const chat = startChat(parley.url, 'bruna')
    const pieces: string[] = []
    chat.child.stdout?.on('data', (text: string) => pieces.push(text))
    await until(() => chat.stdout().includes('\n> '))
    expect(chat.stdout()).toMatch(/^Connecting to .*\n\nChef Bruna: \S/)
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
    const chat = startChat(parley.url)
    chat.child.stdin?.end('Hello\nAnd you?\n')
    expect(await chat.ended).toEqual({ code: 0, signal: null })
    expect(chat.stderr()).toBe('')
    const [, first, second] = chat.stdout().split('\n> ')
    expect(first?.trim()).not.toBe('')
    expect(second?.trim()).not.toBe('')
  })

  it('says so when there is no such persona or no server', async () => {
    const lost = startChat(parley.url, 'nobody')
    expect(await lost.ended).toEqual({ code: 1, signal: null })
    expect(lost.stderr()).toBe('This persona does not exist.\n')
    const url = `http://127.0.0.1:${await freePort()}`
    const alone = startChat(url)
    expect(await alone.ended).toEqual({ code: 1, signal: null })
    expect(alone.stderr()).toBe(`${url} does not answer.\n`)
  })
})
