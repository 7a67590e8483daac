import { type ChildProcess, spawn } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { vi } from 'vitest'
import { processes } from '../../../../scripts/dev/processes.mjs'
import { environment } from '../services/environment.ts'

const DEV = fileURLToPath(new URL('../../../../scripts/dev.mjs', import.meta.url))

/** Stands in for the server: says when it runs and when it was given the time to close. */
const SERVER = `
import { spawn } from 'node:child_process'
import { appendFileSync } from 'node:fs'
const say = (word) => appendFileSync('../said', word + '\\n')
let closing = false
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => {
  if (closing) return
  closing = true
  setTimeout(() => { say('closed'); process.exit(0) }, 300)
})
const own = 'for (const s of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(s, () => {}); setInterval(() => {}, 1000)'
if (process.env.STUBBORN) spawn(process.execPath, ['-e', own], { detached: true, stdio: 'ignore' })
if (process.env.FAULTY) setTimeout(() => process.exit(3), 300)
say('pid ' + process.pid)
setInterval(() => say('tick'), 100)
`

/** A workspace with one package, in which \`npm start\` reaches the real dev command through two npm processes. */
export class Workspace {
  readonly folder = realpathSync(mkdtempSync(join(tmpdir(), 'parley-dev-')))
  #family = new Set<string>()
  /** What ran before the command: a system may hand an orphan to any of it, and none of it is ours. */
  readonly #strangers = new Set([...processes().values()].map(identify))
  #top: ChildProcess | undefined

  constructor() {
    const scripts = { start: 'npm run dev', dev: `node ${JSON.stringify(DEV)}` }
    this.#write('package.json', {
      name: 'sample',
      private: true,
      packageManager: 'npm@10.0.0',
      workspaces: ['server'],
      scripts,
    })
    this.#write('turbo.json', {
      ui: 'stream',
      envMode: 'loose',
      tasks: { dev: { cache: false, persistent: true } },
    })
    mkdirSync(join(this.folder, 'server'))
    this.#write('server/package.json', { name: 'server', scripts: { dev: 'node server.mjs' } })
    writeFileSync(join(this.folder, 'server/server.mjs'), SERVER)
  }

  /** Starts a command in a process group of its own, as a terminal would, and waits for the server. */
  async start(command: readonly string[], variables: Record<string, string> = {}): Promise<ChildProcess> {
    const [program = '', ...args] = command
    this.#top = spawn(program, args, {
      cwd: this.folder,
      detached: true,
      stdio: 'ignore',
      env: { ...environment, ...variables },
    })
    await vi.waitUntil(() => this.said().includes('tick'), { timeout: 20_000, interval: 50 })
    this.#remember()
    return this.#top
  }

  /** What the server said so far, a line each. */
  said(): string[] {
    const path = join(this.folder, 'said')
    return existsSync(path) ? readFileSync(path, 'utf8').trim().split('\n') : []
  }

  serverPid(): number {
    return Number(this.said()[0]?.replace('pid ', ''))
  }

  /** Those of the processes seen at the start that still run. */
  left(): string[] {
    const running = new Set([...processes().values()].map(identify))
    return [...this.#family].filter((identity) => running.has(identity))
  }

  /** The process that started this one, and so on upwards; the server's own first. */
  ancestorsOfServer(): number[] {
    const table = processes()
    const chain: number[] = []
    for (let pid = this.serverPid(); pid > 1; pid = table.get(pid)?.parent ?? 0) chain.push(pid)
    return chain
  }

  remove(): void {
    for (const identity of this.left()) process.kill(Number(identity.split(' ')[0]), 'SIGKILL')
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 5 })
  }

  #remember(): void {
    const table = processes()
    const roots = new Set(this.#top?.pid === undefined ? [] : [this.#top.pid])
    for (const pid of this.ancestorsOfServer()) {
      const entry = table.get(pid)
      if (!entry || this.#strangers.has(identify(entry))) break
      roots.add(pid)
    }
    for (let size = 0; size !== roots.size; ) {
      size = roots.size
      for (const entry of table.values()) if (roots.has(entry.parent)) roots.add(entry.pid)
    }
    for (const pid of roots) {
      const entry = table.get(pid)
      if (entry) this.#family.add(identify(entry))
    }
  }

  #write(path: string, content: object): void {
    writeFileSync(join(this.folder, path), JSON.stringify(content))
  }
}

function identify(entry: { readonly pid: number; readonly started: string }): string {
  return `${entry.pid} ${entry.started}`
}
