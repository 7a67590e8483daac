import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { ROOT } from '../set-up/places.ts'

const WEB = join(ROOT, 'apps/web')

/** The page as `pnpm dev` serves it, with React in its development mode. */
export interface DevelopmentPage {
  stop(): Promise<void>
}

/** Serves the page on a port, passing on to a server what is the server's. */
export async function startVite(port: number, serverUrl: string): Promise<DevelopmentPage> {
  const program = join(WEB, 'node_modules/vite/bin/vite.js')
  const child = spawn(process.execPath, [program, '--port', String(port)], {
    cwd: WEB,
    env: { ...process.env, NODE_ENV: 'development', SERVER_URL: serverUrl },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const kill = () => child.kill('SIGKILL')
  process.once('exit', kill)
  await new Promise<void>((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`Vite ended with ${code}`)))
    let said = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      said += text
      if (said.includes('Local')) resolve()
    })
  })
  return {
    stop: async () => {
      process.off('exit', kill)
      const ended = once(child, 'exit')
      child.kill('SIGTERM')
      await ended
    },
  }
}
