import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chownSync, mkdtempSync, openSync, readFileSync } from 'node:fs'
import { createServer, Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { environment } from './environment.ts'

/** The user that a server runs as. */
export interface Account {
  readonly uid: number
  readonly gid: number
}

/**
 * A temporary folder and the server processes that live in it. Both go when `remove` is called, or
 * when this process ends, however it ends.
 */
export interface Sandbox {
  readonly folder: string
  /** Starts a program; what it prints goes to the sandbox's log. `env` is added to this process's own. */
  run(program: string, args: readonly string[], env?: Readonly<Record<string, string>>): ChildProcess
  /** What the programs printed. */
  log(): string
  remove(): Promise<void>
}

/** Makes a sandbox; `account` owns its folder and its processes. */
export function makeSandbox(account?: Account): Sandbox {
  const folder = mkdtempSync(join(tmpdir(), 'parley-test-'))
  if (account) chownSync(folder, account.uid, account.gid)
  const logPath = join(folder, 'log')
  const output = openSync(logPath, 'a')
  const guard = spawn(process.execPath, [fileURLToPath(new URL('guard.mjs', import.meta.url)), folder], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  })
  // Neither keeps this process running; a test that forgets to stop a server still ends.
  guard.unref()
  if (guard.stdin instanceof Socket) guard.stdin.unref()

  return {
    folder,
    run(program, args, env = {}) {
      const options = { cwd: folder, detached: true, env: { ...environment, ...env }, ...account }
      const child = spawn(program, args, { ...options, stdio: ['ignore', output, output] })
      guard.stdin.write(`+${child.pid}\n`)
      child.once('exit', () => guard.stdin.writable && guard.stdin.write(`-${child.pid}\n`))
      return child
    },
    log: () => readFileSync(logPath, 'utf8'),
    async remove() {
      if (guard.exitCode !== null) return
      guard.ref()
      const gone = once(guard, 'exit')
      guard.stdin.end()
      await gone
    },
  }
}

/** A TCP port of 127.0.0.1 that nobody listens on. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string') throw new Error('no port was given')
  return address.port
}

/** Calls `attempt` until it succeeds, or throws what the server said when it ended instead. */
export async function untilReady(
  server: ChildProcess,
  sandbox: Sandbox,
  attempt: () => Promise<void>,
): Promise<void> {
  for (const end = Date.now() + 30_000; ; ) {
    try {
      await attempt()
      // From here on the server no longer keeps this process running.
      server.unref()
      return
    } catch (error) {
      if (server.exitCode !== null || Date.now() > end) {
        throw new Error(`a test service did not start:\n${sandbox.log()}`, { cause: error })
      }
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  }
}

/** Sends a signal, if the process still lives, and waits for its end. */
export async function end(child: ChildProcess, signal: 'SIGINT' | 'SIGKILL'): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  child.ref()
  const gone = once(child, 'exit')
  child.kill(signal)
  await gone
}
