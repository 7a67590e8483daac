// `pnpm test:faults`: builds the server, then runs the fault suite on it; `--short` and `--only 3,4` go to it.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { startTurbo } from './turbo.mjs'

// Ctrl-C reaches the part that runs as well; this process ends after it.
process.on('SIGINT', () => {})
const args = process.argv.slice(2).filter((arg) => arg !== '--')
const built = await end(
  startTurbo(['run', 'build', '--filter=@parley/server', '--output-logs=errors-only'], {
    // Nothing but the experiments' lines goes to the standard output.
    stdio: ['inherit', process.stderr, 'inherit'],
  }),
)
process.exitCode = built === 0 ? await end(runSuite()) : built

function runSuite() {
  return spawn(process.execPath, ['--import', 'tsx', 'faults/main.ts', ...args], {
    cwd: join(import.meta.dirname, '../apps/server'),
    stdio: 'inherit',
  })
}

/** The exit code of a process. */
async function end(child) {
  const [code] = await once(child, 'exit')
  return code ?? 1
}
