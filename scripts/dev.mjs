// `pnpm dev`: runs every package's `dev` script until it is asked to end, and leaves no process.
//
// The keeper below does the work in a session of its own, so that it outlives whatever happens to
// this process: it ends everything when the channel between them closes.
import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { ignoresHangup, launchers, standsUnder } from './dev/processes.mjs'
import { startTurbo } from './turbo.mjs'

const REPEAT_MS = 1_000
const LOOK_MS = 500
const args = process.argv.slice(2)

if (process.platform === 'win32') runPlainly()
else runKept()

/** The console of Windows reaches every process of it, so Ctrl-C needs no help there. */
function runPlainly() {
  process.on('SIGINT', () => {})
  startTurbo(['run', 'dev', ...args], { stdio: 'inherit' }).on('exit', (code) => process.exit(code ?? 1))
}

function runKept() {
  const keeper = spawn(
    process.execPath,
    [fileURLToPath(new URL('dev/keeper.mjs', import.meta.url)), ...args],
    {
      detached: true,
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    },
  )
  let askedAt = 0
  const ask = () => {
    const now = Date.now()
    // One Ctrl-C can arrive more than once; a later one is a person who does not want to wait.
    const impatient = askedAt > 0 && now - askedAt > REPEAT_MS
    if (askedAt > 0 && !impatient) return
    askedAt ||= now
    if (keeper.connected) keeper.send(impatient ? 'kill' : 'end')
  }
  process.on('SIGINT', ask)
  process.on('SIGTERM', ask)
  process.on('SIGHUP', ignoresHangup() ? () => {} : ask)

  const started = launchers()
  const watch = setInterval(() => {
    if (standsUnder(started)) return
    clearInterval(watch)
    ask()
  }, LOOK_MS)

  keeper.on('exit', (code) => process.exit(askedAt > 0 ? 0 : (code ?? 1)))
}
