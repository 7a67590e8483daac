import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { Workspace } from './workspace.ts'

let workspace: Workspace

beforeEach(() => {
  workspace = new Workspace()
})

afterEach(() => workspace.remove())

const NPM_START = ['npm', 'start', '--silent']

/** The ways in which a person, a terminal or a system ends `pnpm dev`. */
const WAYS: readonly [string, (top: ChildProcess) => void][] = [
  [
    'Ctrl-C, which reaches every process and may come twice',
    (top) => {
      signalGroup(top, 'SIGINT')
      signalGroup(top, 'SIGINT')
    },
  ],
  ['a closed terminal', (top) => signalGroup(top, 'SIGHUP')],
  ['SIGTERM to the outermost process alone', (top) => top.kill('SIGTERM')],
  ['SIGKILL of the outermost process alone', (top) => top.kill('SIGKILL')],
  ['SIGKILL of the whole process group', (top) => signalGroup(top, 'SIGKILL')],
]

describe.skipIf(process.platform === 'win32')('pnpm dev leaves no process behind', () => {
  it.each(WAYS)('after %s, and the server could close first', async (_way, endBy) => {
    const top = await workspace.start(NPM_START)
    expect(workspace.left().length).toBeGreaterThan(5)
    endBy(top)
    await nobodyLeft()
    expect(workspace.said()).toContain('closed')
  })

  it('after turbo itself was killed', async () => {
    await workspace.start(NPM_START)
    const [, , , turbo = 0] = workspace.ancestorsOfServer()
    process.kill(turbo, 'SIGKILL')
    await nobodyLeft()
    expect(workspace.said()).toContain('closed')
  })

  it('even one that hides in a session of its own and ignores every request', async () => {
    const top = await workspace.start(NPM_START, { STUBBORN: '1' })
    top.kill('SIGKILL')
    await nobodyLeft()
    expect(workspace.said()).toContain('closed')
  })

  it('and fails when the server fails', async () => {
    const top = await workspace.start(NPM_START, { FAULTY: '1' })
    const [code] = await once(top, 'exit')
    expect(code).not.toBe(0)
    await nobodyLeft()
  })
})

describe.skipIf(process.platform === 'win32')('pnpm dev goes on', () => {
  it('when the shell that started it in the background ends', async () => {
    await workspace.start(['sh', '-c', 'nohup npm start --silent >/dev/null 2>&1 & wait_for_nothing=1'])
    const ticks = workspace.said().length
    // More than two looks of the command at its launchers.
    await vi.waitUntil(() => workspace.said().length > ticks + 15, { timeout: 10_000, interval: 50 })
    expect(workspace.said()).not.toContain('closed')
    process.kill(workspace.serverPid(), 'SIGTERM')
    await nobodyLeft()
  })
})

async function nobodyLeft(): Promise<void> {
  await vi.waitFor(() => expect(workspace.left()).toEqual([]), { timeout: 15_000, interval: 50 })
}

function signalGroup(top: ChildProcess, signal: NodeJS.Signals): void {
  if (top.pid === undefined) throw new Error('the command did not start')
  process.kill(-top.pid, signal)
}
