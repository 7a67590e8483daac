import { accessSync, constants, readdirSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { environment } from './environment.ts'

/** A server program that is not installed; its message says where it was looked for. */
export class ProgramMissing extends Error {
  override readonly name = 'ProgramMissing'
}

/**
 * The path of a program, from `PATH` or one of the other folders.
 *
 * @throws {ProgramMissing}
 */
export function findProgram(name: string, folders: readonly string[] = []): string {
  const all = [...(environment.PATH ?? '').split(delimiter), ...folders].filter((folder) => folder !== '')
  const found = all.map((folder) => join(folder, name)).find(isExecutable)
  if (found === undefined) throw new ProgramMissing(`${name} is not installed`)
  return found
}

/** Where Debian, Fedora and Homebrew keep PostgreSQL's server programs, the newest first. */
export function postgresFolders(): string[] {
  const debian = versionsIn('/usr/lib/postgresql', /^\d+$/).map((version) => join(version, 'bin'))
  const homebrew = ['/opt/homebrew/opt', '/usr/local/opt'].flatMap((folder) =>
    versionsIn(folder, /^postgresql(@\d+)?$/).map((version) => join(version, 'bin')),
  )
  return [...debian, ...versionsIn('/usr', /^pgsql-\d+$/).map((version) => join(version, 'bin')), ...homebrew]
}

function versionsIn(folder: string, pattern: RegExp): string[] {
  try {
    return readdirSync(folder)
      .filter((name) => pattern.test(name))
      .sort((a, b) => b.localeCompare(a, 'en', { numeric: true }))
      .map((name) => join(folder, name))
  } catch {
    return []
  }
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
