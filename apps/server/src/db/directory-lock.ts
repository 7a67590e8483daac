import { link, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'

/** Thrown when another process has the directory. The message names it. */
export class DirectoryLocked extends Error {
  override readonly name = 'DirectoryLocked'
}

const Holder = z.object({ pid: z.int(), started: z.string(), released: z.boolean() })
type Holder = z.infer<typeof Holder>

/**
 * Takes `directory` for this process, until the returned function is called or the process dies.
 *
 * The lock is the file `lock.N` with the highest N. It is taken by linking N + 1, which only one
 * process can do, and numbers never fall, so a slow process that judged an old number finds a higher
 * one afterwards and steps back. Whether a holder lives is asked of the system, not of the holder: a
 * busy process keeps its lock, and a killed one loses it at once.
 *
 * @throws {DirectoryLocked}
 */
export async function lockDirectory(directory: string): Promise<() => Promise<void>> {
  await mkdir(directory, { recursive: true })
  const own: Holder = { pid: process.pid, started: await startTime(process.pid), released: false }
  for (;;) {
    const top = await highest(directory)
    if (top > 0) await refuseIfHeld(directory, top)
    const mine = top + 1
    if (!(await take(directory, mine, own))) continue
    if ((await highest(directory)) !== mine) {
      await rm(lockFile(directory, mine), { force: true })
      continue
    }
    await removeBelow(directory, mine)
    return () => writeFile(lockFile(directory, mine), JSON.stringify({ ...own, released: true }))
  }
}

const lockFile = (directory: string, number: number) => join(directory, `lock.${number}`)

async function numbers(directory: string): Promise<number[]> {
  const names = await readdir(directory)
  return names.flatMap((name) => /^lock\.(\d+)$/.exec(name)?.[1] ?? []).map(Number)
}

async function highest(directory: string): Promise<number> {
  return Math.max(0, ...(await numbers(directory)))
}

async function refuseIfHeld(directory: string, number: number): Promise<void> {
  const holder = await readHolder(lockFile(directory, number))
  if (!holder || holder.released || !(await lives(holder))) return
  throw new DirectoryLocked(
    `the data directory ${directory} is in use by process ${holder.pid}; stop it first, ` +
      'or set DATA_DIR to another directory, or DATABASE_URL to a PostgreSQL server',
  )
}

/** Linking a file that is already whole: nobody can read a half-written lock. */
async function take(directory: string, number: number, own: Holder): Promise<boolean> {
  const draft = join(directory, `lock-draft.${process.pid}`)
  await writeFile(draft, JSON.stringify(own))
  try {
    await link(draft, lockFile(directory, number))
    return true
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'EEXIST') return false
    throw cause
  } finally {
    await rm(draft, { force: true })
  }
}

async function removeBelow(directory: string, number: number): Promise<void> {
  const old = (await numbers(directory)).filter((other) => other < number)
  await Promise.all(old.map((other) => rm(lockFile(directory, other), { force: true })))
}

async function readHolder(file: string): Promise<Holder | null> {
  const text = await readFile(file, 'utf8').catch(() => null)
  if (text === null) return null
  try {
    return Holder.parse(JSON.parse(text))
  } catch {
    // Left empty or in part by a holder that is just releasing, or by a machine that lost power.
    return null
  }
}

async function lives(holder: Holder): Promise<boolean> {
  try {
    process.kill(holder.pid, 0)
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ESRCH') return false
  }
  // The number may belong to another process by now, as it always does after a container restarts.
  return holder.started === (await startTime(holder.pid))
}

/** When a process started, in the system's own unit; empty where the system does not tell. */
async function startTime(pid: number): Promise<string> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')
  // The name, in parentheses, may hold spaces; the start time is the 20th field after it.
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? ''
}
