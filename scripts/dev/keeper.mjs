// Runs turbo and everything below it, and sees to it that all of them end.
import { createInterface } from 'node:readline'
import { startTurbo } from '../turbo.mjs'
import { createOutput } from './output.mjs'
import { processes } from './processes.mjs'

/** The server gets 4 s and `tsx watch` 5 s to end; what is left after this is killed. */
const GRACE_MS = 7_000
const LOOK_MS = 500
const LOOK_WHILE_ENDING_MS = 100

/** Every process seen below this one, by pid. */
const family = new Map()
let deadline = Number.POSITIVE_INFINITY
let code = 0

const coloured = process.stdout.isTTY && !process.env.NO_COLOR
// Below a pipe nobody sees a terminal.
if (coloured) process.env.FORCE_COLOR ||= '1'
const turbo = startTurbo(['run', 'dev', '--log-prefix=none', ...process.argv.slice(2)], {
  stdio: ['ignore', 'pipe', 'pipe'],
})
const output = createOutput((text) => process.stdout.write(text), coloured)
for (const input of [turbo.stdout, turbo.stderr]) createInterface({ input }).on('line', output)
// A closed terminal is no reason to leave without ending the others.
process.stdout.on('error', () => {})
turbo.on('exit', (turboCode) => {
  code = turboCode ?? 1
  end()
  // What outlives turbo was left by it, so nobody else will ask it to end.
  signalFamily('SIGTERM')
})

process.on('message', (message) => {
  if (message === 'kill') deadline = 0
  end()
})
process.on('disconnect', end)
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, end)

look()

/** Asks turbo to end, once; it hands the request on and waits. */
function end() {
  if (deadline !== Number.POSITIVE_INFINITY) return
  deadline = Date.now() + GRACE_MS
  look()
  turbo.kill('SIGTERM')
}

/** Looks again and again, until it has been asked to end and nobody is left. */
function look() {
  const ending = deadline !== Number.POSITIVE_INFINITY
  updateFamily()
  if (ending && family.size === 0) process.exit(code)
  if (Date.now() > deadline) signalFamily('SIGKILL')
  clearTimeout(look.timer)
  look.timer = setTimeout(look, ending ? LOOK_WHILE_ENDING_MS : LOOK_MS)
}

function updateFamily() {
  const table = processes()
  const session = table.get(process.pid)?.session
  table.delete(process.pid)
  for (let grown = true; grown; ) {
    grown = false
    for (const entry of table.values()) {
      if (family.has(entry.pid) || !isBelow(entry, session)) continue
      family.set(entry.pid, entry)
      grown = true
    }
  }
  for (const [pid, entry] of family) {
    if (table.get(pid)?.started !== entry.started) family.delete(pid)
  }
}

/** By its parent, or, if that one has ended already, by the group or session it was born into. */
function isBelow(entry, session) {
  return (
    entry.parent === process.pid ||
    (entry.session === session && session !== '0') ||
    family.has(entry.parent) ||
    family.has(entry.group)
  )
}

function signalFamily(signal) {
  updateFamily()
  for (const pid of family.keys()) {
    try {
      process.kill(pid, signal)
    } catch {
      // It has ended in between.
    }
  }
}
