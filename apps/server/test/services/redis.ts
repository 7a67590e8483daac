import { createClient } from 'redis'
import { findProgram } from './programs.ts'
import { end, freePort, makeSandbox, untilReady } from './sandbox.ts'

/** A Redis server of a test's own, without persistence. */
export interface RedisServer {
  readonly url: string
  /** Starts it again, empty and on the same port, after `kill9` or `shutDown`. */
  start(): Promise<void>
  kill9(): Promise<void>
  /** Ends it as an operator would. */
  shutDown(): Promise<void>
  /** It answers nothing and closes nothing until `thaw`. */
  freeze(): void
  thaw(): void
  /** Ends it for good. */
  stop(): Promise<void>
}

/**
 * Starts a server; takes well under a second.
 *
 * @throws {ProgramMissing} where Redis is not installed.
 */
export async function startRedis(): Promise<RedisServer> {
  const program = findProgram('redis-server', ['/opt/homebrew/bin', '/usr/local/bin'])
  const sandbox = makeSandbox()
  const port = await freePort()
  const url = `redis://127.0.0.1:${port}`
  const settings = { bind: '127.0.0.1', port: `${port}`, save: '', appendonly: 'no', dir: sandbox.folder }
  const launch = async () => {
    const args = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value])
    const child = sandbox.run(program, args)
    await untilReady(child, sandbox, () => ping(url))
    return child
  }
  try {
    let server = await launch()
    return {
      url,
      async start() {
        server = await launch()
      },
      kill9: () => end(server, 'SIGKILL'),
      shutDown: () => end(server, 'SIGINT'),
      freeze: () => void server.kill('SIGSTOP'),
      thaw: () => void server.kill('SIGCONT'),
      stop: () => sandbox.remove(),
    }
  } catch (error) {
    await sandbox.remove()
    throw error
  }
}

async function ping(url: string): Promise<void> {
  const client = createClient({ url, socket: { reconnectStrategy: false } })
  client.on('error', () => {})
  try {
    await client.connect()
    await client.ping()
  } finally {
    if (client.isOpen) client.destroy()
  }
}
