// Starts the workspace's turbo without its telemetry and its question for updates.
import { spawn } from 'node:child_process'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

const turbo = join(dirname(createRequire(import.meta.url).resolve('turbo/package.json')), 'bin/turbo')

/**
 * Starts `turbo` with these arguments in the current folder.
 *
 * @param {string[]} args
 * @param {import('node:child_process').SpawnOptions} options
 */
export function startTurbo(args, options) {
  const quiet = { TURBO_TELEMETRY_DISABLED: '1', TURBO_NO_UPDATE_NOTIFIER: '1' }
  return spawn(process.execPath, [turbo, ...args], { ...options, env: { ...process.env, ...quiet } })
}
