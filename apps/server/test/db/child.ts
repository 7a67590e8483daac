import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

/** A process of a test's own that talks in messages. It ends with this one. */
export interface Child {
  readonly pid: number
  tell(message: object): void
  /** The next message that it says. */
  hear(): Promise<unknown>
  /** Ends it as `kill -9` does, and waits until it is gone. */
  kill9(): Promise<void>
}

/** Starts a program of `processes/`. */
export function startChild(program: string, ...args: string[]): Child {
  const path = fileURLToPath(new URL(`processes/${program}.ts`, import.meta.url))
  const child = fork(path, args, { execArgv: ['--import', 'tsx'] })
  const heard: unknown[] = []
  const waiting: ((message: unknown) => void)[] = []
  const died = once(child, 'exit').then(([code, signal]) => {
    throw new Error(`the process ended by itself: ${code ?? signal}`)
  })
  // Heard by whoever waits for a message.
  died.catch(() => undefined)
  child.on('message', (message) => {
    const next = waiting.shift()
    if (next) next(message)
    else heard.push(message)
  })
  return {
    pid: child.pid ?? 0,
    tell: (message) => void child.send(message),
    hear: () =>
      heard.length > 0
        ? Promise.resolve(heard.shift())
        : Promise.race([new Promise((resolve) => waiting.push(resolve)), died]),
    kill9: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return
      const gone = once(child, 'exit')
      child.kill('SIGKILL')
      await gone
    },
  }
}
