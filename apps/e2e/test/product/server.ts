import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { ROOT, START } from '../set-up/places.ts'

/** How long a start may take on a busy machine, in milliseconds. */
const START_MS = 90_000

/** A server as `pnpm start` runs it, on a port and a data folder of its own. */
export interface Server {
  readonly url: string
  readonly port: number
  /** Ends it in order, as a deployment does. */
  stop(): Promise<void>
  /** Starts it again on the same port and data. */
  start(): Promise<void>
}

/** Starts the built server and waits until it takes requests. `env` adds to what it finds. */
export async function startServer(
  dataDir: string,
  env: Readonly<Record<string, string>> = {},
): Promise<Server> {
  const port = await freePort()
  const environment = { ...process.env, ...unset(), PORT: String(port), DATA_DIR: dataDir, ...env }
  let child: ChildProcess | undefined
  const server: Server = {
    port,
    url: `http://localhost:${port}`,
    start: async () => {
      child = await launch(environment)
    },
    stop: async () => {
      if (!child || child.exitCode !== null || child.signalCode !== null) return
      const ended = once(child, 'exit')
      child.kill('SIGTERM')
      await ended
    },
  }
  await server.start()
  return server
}

/** What stands in a developer's `.env` must not count: empty is as good as absent. */
function unset(): Record<string, string> {
  const example = readFileSync(join(ROOT, '.env.example'), 'utf8')
  const names = [...example.matchAll(/^([A-Z_]+)=/gm)].map(([, name = '']) => name)
  return Object.fromEntries(['NODE_ENV', ...names].map((name) => [name, '']))
}

async function launch(env: NodeJS.ProcessEnv): Promise<ChildProcess> {
  const child = spawn(process.execPath, [START], { env, stdio: ['ignore', 'pipe', 'pipe'] })
  process.once('exit', () => child.kill('SIGKILL'))
  let said = ''
  await new Promise<void>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`The server did not start:\n${said}`)), START_MS)
    const listen = (text: string) => {
      said += text
      if (!/^Parley is ready/m.test(said)) return
      clearTimeout(timer)
      resolve()
    }
    child.stdout.setEncoding('utf8').on('data', listen)
    child.stderr.setEncoding('utf8').on('data', listen)
    child.once('exit', (code) => {
      clearTimeout(timer)
      reject(new Error(`The server ended with ${code}:\n${said}`))
    })
  })
  return child
}

/** A port that nobody uses now. */
export async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const address = probe.address()
  probe.close()
  await once(probe, 'close')
  if (typeof address !== 'object' || address === null) throw new Error('there is no free port')
  return address.port
}
