import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, vi } from 'vitest'
import { copyEmbedded } from '../harness/embedded.ts'
import { environment, unset } from '../services/environment.ts'

/** Folder of the server's package. */
const PACKAGE = fileURLToPath(new URL('../..', import.meta.url))
const START_LINE = /^Parley is ready at (\S+) .*$/m
/** For a test that starts servers: a start takes seconds of a core, and other tests run beside it. */
export const TIMEOUT_MS = 120_000

/** How a process ended. */
export interface Ending {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

/** A program of ours that runs in a process of its own. */
export interface Program {
  readonly child: ChildProcess
  /** What it printed so far. */
  stdout(): string
  stderr(): string
  readonly ended: Promise<Ending>
  /** Sends a signal and waits for the end. */
  end(signal: NodeJS.Signals): Promise<Ending>
}

/** A server that listens. */
export interface ServerProcess extends Program {
  readonly pid: number
  readonly url: string
  readonly startLine: string
}

const running = new Set<ChildProcess>()
const folders: string[] = []

afterEach(async () => {
  await Promise.all([...running].map((child) => kill(child)))
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true })
})
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL')
})

/** A data directory with an embedded database of this test's own. */
export async function dataDirectory(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'parley-process-'))
  folders.push(folder)
  await copyEmbedded(folder)
  return folder
}

/** Starts a TypeScript program; it ends with the test at the latest. */
export function startProgram(
  file: string,
  options: { readonly cwd?: string; readonly args?: string[]; readonly env?: Record<string, string> } = {},
): Program {
  const { cwd = PACKAGE, args = [], env = {} } = options
  const child = spawn(process.execPath, ['--import', 'tsx', file, ...args], {
    cwd,
    env: { ...environment, ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  running.add(child)
  let stdout = ''
  let stderr = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text
  })
  const ended = once(child, 'close').then((): Ending => {
    running.delete(child)
    return { code: child.exitCode, signal: child.signalCode }
  })
  return {
    child,
    ended,
    stdout: () => stdout,
    stderr: () => stderr,
    end: (signal) => {
      child.kill(signal)
      return ended
    },
  }
}

/** Starts a server and does not wait until it listens; it may never. */
export function launchServer(env: Record<string, string>): Program {
  const own = { NODE_ENV: 'development', PORT: '0', MODERATION: 'off' }
  return startProgram('src/main.ts', { env: { ...unset, ...own, ...env } })
}

/** Starts a server and waits until it listens. */
export async function startServer(env: Record<string, string>): Promise<ServerProcess> {
  const program = launchServer(env)
  let over = false
  void program.ended.then(() => {
    over = true
  })
  await vi.waitUntil(() => over || START_LINE.test(program.stdout()), { timeout: 60_000, interval: 10 })
  const [startLine, address] = START_LINE.exec(program.stdout()) ?? []
  const { pid } = program.child
  if (startLine === undefined || address === undefined || pid === undefined) {
    throw new Error(`the server did not start: ${program.stdout()}${program.stderr()}`)
  }
  // The address names localhost, which a test's machine may resolve to more than one place.
  return { ...program, pid, startLine, url: `http://127.0.0.1:${new URL(address).port}` }
}

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const closed = once(child, 'close')
  child.kill('SIGKILL')
  await closed
}
