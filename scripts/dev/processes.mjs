// Reads the operating system's list of processes, on Linux and macOS.
import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { basename } from 'node:path'

/**
 * @typedef {object} Process
 * @property {number} pid
 * @property {number} parent
 * @property {number} group
 * @property {string} session Equal for all of one session; '0' where it is not told.
 * @property {string} started Tells a process from a later one with the same pid.
 */

/**
 * Every process that runs, by pid; those that have ended but were not reaped are left out.
 *
 * @returns {Map<number, Process>}
 */
export function processes() {
  const list = process.platform === 'linux' ? fromProc() : fromPs()
  return new Map(list.map((entry) => [entry.pid, entry]))
}

function fromProc() {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      const stat = readOrNull(`/proc/${name}/stat`)
      // The name, in brackets, may hold spaces and brackets itself.
      const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ') ?? ['Z']
      if (fields[0] === 'Z' || fields[0] === 'X') return []
      const [, parent, group, session] = fields
      return [
        { pid: Number(name), parent: Number(parent), group: Number(group), session, started: fields[19] },
      ]
    })
}

function fromPs() {
  const lines = execFileSync('ps', ['-A', '-o', 'pid=,ppid=,pgid=,state=,sess=,lstart='], {
    encoding: 'utf8',
  })
  return lines.split('\n').flatMap((line) => {
    const [pid, parent, group, state, session, ...started] = line.trim().split(/\s+/)
    if (started.length === 0 || state.startsWith('Z')) return []
    return [
      { pid: Number(pid), parent: Number(parent), group: Number(group), session, started: started.join(' ') },
    ]
  })
}

/**
 * The npm, npx and pnpm processes (and the shells between them) that started this one, nearest
 * first. A shell or an editor above them is not among them: it may end without ending us.
 *
 * @returns {number[]}
 */
export function launchers() {
  const table = processes()
  const chain = []
  let found = 0
  for (let pid = process.ppid; pid > 1; pid = table.get(pid)?.parent ?? 0) {
    const words = commandLine(pid)
    if (isPackageManager(words)) found = chain.length + 1
    else if (!isShellCommand(words)) break
    chain.push(pid)
  }
  return chain.slice(0, found)
}

/**
 * Whether each of these launchers is still the parent of the one before it. A process that ends
 * leaves its child to another parent at once, even while nobody has reaped it.
 *
 * @param {number[]} chain
 */
export function standsUnder(chain) {
  const table = processes()
  return chain.every((pid, at) => (at === 0 ? process.ppid : table.get(chain[at - 1])?.parent) === pid)
}

/**
 * Whether this process was started under `nohup`: node itself forgets the signals that its parent
 * ignored, so the parent is asked. Only Linux tells.
 */
export function ignoresHangup() {
  const mask = readOrNull(`/proc/${process.ppid}/status`)?.match(/^SigIgn:\s*([0-9a-f]+)$/m)?.[1]
  return mask !== undefined && (BigInt(`0x${mask}`) & 1n) === 1n
}

/** npm and npx show themselves as `npm exec …` in one word, or as a script run by node. */
function isPackageManager(words) {
  return words
    .slice(0, 2)
    .some((word) =>
      /^(npm|npx|pnpm|pnpx|yarn|corepack)(-cli)?(\.[cm]?js)?$/.test(basename(word.split(' ')[0])),
    )
}

function isShellCommand(words) {
  return (
    /^-?(ba|da|z|k|a)?sh$/.test(basename(words[0] ?? '')) &&
    words[1]?.startsWith('-') &&
    words[1].endsWith('c')
  )
}

function commandLine(pid) {
  if (process.platform === 'linux') return readOrNull(`/proc/${pid}/cmdline`)?.split('\0') ?? []
  try {
    return execFileSync('ps', ['-o', 'args=', '-p', String(pid)], { encoding: 'utf8' })
      .trim()
      .split(' ')
  } catch {
    return []
  }
}

function readOrNull(path) {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return null
  }
}
