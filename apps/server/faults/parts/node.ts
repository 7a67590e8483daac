import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { copyEmbedded } from '../../test/harness/embedded.ts'
import { unset } from '../../test/services/environment.ts'
import { freePort, makeSandbox, untilReady } from '../../test/services/sandbox.ts'
import type { Stage } from './stage.ts'

/** The built server, as `pnpm build` leaves it. */
const BUILT = fileURLToPath(new URL('../../dist/main.js', import.meta.url))

/** One built server, in a process of its own and always on the same port. */
export interface ParleyNode {
  readonly url: string
  /** Starts it and waits until it is ready. */
  start(): Promise<void>
  /** Sends it a signal and does not wait. */
  signal(name: NodeJS.Signals): void
  /** Sends it a signal and waits for its end. Resolves with its exit code; null: the signal ended it. */
  end(name: NodeJS.Signals): Promise<number | null>
  /** Waits for its end. */
  ended(): Promise<number | null>
  /** Of the process of now. */
  readonly pid: number
  /** What all its processes printed. */
  log(): string
}

/** Makes a node; it is started with `start`. Ends with the stage. */
export async function makeNode(stage: Stage, env: Readonly<Record<string, string>>): Promise<ParleyNode> {
  if (!existsSync(BUILT)) throw new Error('the server is not built: run `pnpm build` first')
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const sandbox = stage.add(makeSandbox(), (it) => it.remove())
  // Everybody comes from one address.
  const crowd = { TRUST_CLIENT_USER_ID: '1', ADDRESS_LIMIT_FACTOR: '100' }
  const own = { NODE_ENV: 'development', LOG_LEVEL: 'info', MODERATION: 'off', ...crowd }
  let child: ChildProcess | undefined
  const running = () => {
    if (!child) throw new Error('the node was never started')
    return child
  }
  const ended = async () => {
    const it = running()
    if (it.exitCode === null && it.signalCode === null) await once(it, 'exit')
    return it.exitCode
  }
  return {
    url,
    start: async () => {
      child = sandbox.run(process.execPath, [BUILT], { ...unset, ...own, ...env, PORT: `${port}` })
      await untilReady(child, sandbox, () => answersReady(url))
    },
    signal: (name) => void running().kill(name),
    end: (name) => {
      running().kill(name)
      return ended()
    },
    ended,
    get pid() {
      return running().pid ?? 0
    },
    log: sandbox.log,
  }
}

/** A folder with an embedded database that is migrated already. Goes with the stage. */
export async function embeddedFolder(stage: Stage): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'parley-faults-'))
  stage.add(folder, (it) => rm(it, { recursive: true, force: true }))
  await copyEmbedded(folder)
  return folder
}

async function answersReady(url: string): Promise<void> {
  const answer = await fetch(`${url}/readyz`)
  if (!answer.ok) throw new Error(`not ready: ${answer.status}`)
}
