// Ends the servers of one sandbox and removes its folder when the pipe from its maker closes, which
// it also does when the maker is killed. Runs in a session of its own, out of reach of Ctrl-C.
import { rmSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'

const GRACE_MS = 5_000
const LOOK_MS = 20

const [folder] = process.argv.slice(2)
const running = new Set()
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => {})

// Lines are `+pid` for a server that was started and `-pid` for one that has ended.
for await (const line of createInterface({ input: process.stdin })) {
  const pid = Number(line.slice(1))
  if (line.startsWith('+')) running.add(pid)
  else running.delete(pid)
}

// SIGINT is a fast shutdown to PostgreSQL, which would wait for its clients at SIGTERM.
for (const pid of running) signal(pid, 'SIGINT')
for (const end = Date.now() + GRACE_MS; Date.now() < end && [...running].some(isAlive); ) await sleep(LOOK_MS)
for (const pid of running) signal(pid, 'SIGKILL')
rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 })

function isAlive(pid) {
  return signal(pid, 0)
}

function signal(pid, name) {
  try {
    return process.kill(pid, name)
  } catch {
    return false
  }
}
