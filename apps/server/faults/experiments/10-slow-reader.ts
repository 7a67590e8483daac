import { setTimeout as sleep } from 'node:timers/promises'
import { limits } from '@parley/protocol'
import { openLine } from '../../test/services/cut-line.ts'
import { type Experiment, type Finding, finding, type Size } from '../experiment.ts'
import { modelEnv } from '../parts/cluster.ts'
import { Delays } from '../parts/delays.ts'
import { openHoarder } from '../parts/hoarder.ts'
import { watchMemory } from '../parts/memory.ts'
import { embeddedFolder, makeNode, type ParleyNode } from '../parts/node.ts'
import { isSettled, openPeople, openPerson, type Person } from '../parts/person.ts'
import { quantile } from '../parts/quantile.ts'
import { allRows } from '../parts/rows.ts'
import { type Manner, startScript } from '../parts/script.ts'
import type { Stage } from '../parts/stage.ts'
import { Throttle } from '../parts/throttle.ts'
import { until } from '../parts/until.ts'

/** `rounds` of each kind; `pieces` of each of the others' replies in one. */
const SIZES = {
  full: { people: 100, rounds: 3, pieces: 30 },
  short: { people: 20, rounds: 1, pieces: 10 },
}
const EVERY_MS = 100
/** Long replies in a round, and at most until the slow reader is disconnected. */
const LONG_REPLIES = 6
const LONG_REPLIES_MAX = 50
/** JSON writes this with six bytes: each reply is 360 KB on the wire, first in pieces and then whole. */
const LONG: Manner = { pieces: 4, everyMs: 0, filling: '\u0001'.repeat(15_000) }
/** Pages that a program asks for in a round, each of more than a megabyte. */
const PAGES = 60
/** How many times the control the others' delay may be. */
const DELAY_FACTOR = 1.2
/** Of the delays that are compared. */
const SHARES = [0.5, 0.95]
/** What a slow reader may cost; what the program does not read is many times as much. */
const MEMORY_BYTES = 12 * limits.socketBufferBytes
/** So small that garbage does not hide what is kept. */
const HEAP = '--max-old-space-size=128'
/** What the server's log says. */
const DROPPED = 'a slow socket was disconnected'

interface Scene {
  readonly node: ParleyNode
  readonly others: readonly Person[]
  /** Has the long replies made. */
  readonly talker: Person
  /** Another page of the talker's, on a line that can be slow. */
  readonly reader: Person
  readonly lineUrl: string
  readonly reading: { slow: boolean }
  readonly delays: Delays
}

/** What was seen in the rounds of one kind. */
interface Seen {
  readonly delays: number[]
  /** Most memory of the node in each round, in bytes. */
  readonly peaks: number[]
}

/**
 * A page reads 1 KB/s while a hundred others talk; then a program that asks for one page of history after
 * the other does. The control is the same with each reading as fast as it can.
 */
export const slowReader: Experiment = {
  number: 10,
  title: 'a slow reader among others',
  rules: '[S3]',
  run,
}

async function run(stage: Stage, size: Size): Promise<Finding> {
  const { people: count, rounds } = SIZES[size]
  const folder = await embeddedFolder(stage)
  const script = await startScript(stage, LONG)
  const node = await makeNode(stage, {
    ...modelEnv(script),
    DATA_DIR: folder,
    CONTEXT_MESSAGES: '1',
    NODE_OPTIONS: HEAP,
  })
  await node.start()
  const scene = await setUp(stage, node, count)
  const paced = { pieces: SIZES[size].pieces, everyMs: EVERY_MS, onPiece: scene.delays.onPiece }
  script.speak((question) => (question.startsWith('long') ? LONG : paced))
  const control: Seen = { delays: [], peaks: [] }
  const slowed: Seen = { delays: [], peaks: [] }
  const broken: (string | null)[] = []
  // The server warms up, and the history grows.
  await talk(scene, 'the first round', { delays: [], peaks: [] })
  for (let turn = 0; turn < rounds; turn++) {
    await talk(scene, `round ${turn}`, control)
    broken.push(await talkSlowly(scene, `slow round ${turn}`, slowed))
  }
  for (let turn = 0; turn < rounds; turn++) {
    const pagesMs = await hoard(scene, control)
    broken.push(await hoardSlowly(scene, pagesMs, slowed))
  }
  await node.end('SIGTERM')
  if (size === 'full') broken.push(...judge(control, slowed))
  const people = [...scene.others, scene.talker, scene.reader]
  const done = `${count} others, ${rounds} times a page and a program at 1 KB/s`
  const evidence = { people, rows: await allRows({ folder }), script }
  return finding(done, evidence, broken, `control: ${figures(control)}; slow: ${figures(slowed)}`)
}

async function setUp(stage: Stage, node: ParleyNode, count: number): Promise<Scene> {
  const { url } = node
  const reading = { slow: false }
  const downstream = () => new Throttle(() => reading.slow)
  const line = stage.add(await openLine(url, { downstream }), (it) => it.close())
  const lineUrl = new URL(line.url).origin
  const others = await openPeople(stage, count, (index) => ({ url, name: `person-${index}` }))
  const talker = await openPerson(stage, { url, name: 'ada' })
  const reader = await openPerson(stage, { url: lineUrl, name: 'ada', sessionId: talker.session.id })
  return { node, others, talker, reader, lineUrl, reading, delays: new Delays() }
}

/** Everybody asks something, a little apart, while there is one long reply after the other. */
async function talk({ others, talker, delays }: Scene, name: string, seen: Seen): Promise<void> {
  const paced = others.map(async (person, index) => {
    await sleep((index * 1_000) / others.length)
    await askPaced(person, `${person.name} asks in ${name}`, delays)
  })
  for (let reply = 0; reply < LONG_REPLIES; reply++) await askLong(talker, `long reply ${reply} in ${name}`)
  await Promise.all(paced)
  seen.delays.push(...delays.take())
}

/** The same on a slow line, which then is fast again. Gives what was not as it should be, or null. */
async function talkSlowly(scene: Scene, name: string, seen: Seen): Promise<string | null> {
  const { talker, reader, reading } = scene
  await until('the reader is up to date', () => isCaughtUp(scene))
  let wasCutOff = false
  const endWatch = reader.client.connection.subscribe(() => {
    wasCutOff = true
  })
  const isDropped = watchDrops(scene)
  reading.slow = true
  await talk(scene, name, seen)
  for (let more = 0; !isDropped() && more < LONG_REPLIES_MAX; more++) {
    await askLong(talker, `long reply ${more} after ${name}`)
  }
  const dropped = isDropped()
  reading.slow = false
  await until('the slow reader has caught up', () => isCaughtUp(scene))
  endWatch()
  return dropped && wasCutOff ? null : 'the slow page was not disconnected'
}

/** A program has every page made and reads them. Gives how long that took, in milliseconds. */
async function hoard({ node, talker, lineUrl }: Scene, seen: Seen): Promise<number> {
  const hoarder = await openHoarder(lineUrl, talker.name, talker.session.id)
  const endMemory = watchMemory(node.pid)
  const start = performance.now()
  await hoarder.ask(PAGES)
  seen.peaks.push(endMemory())
  hoarder.leave()
  return performance.now() - start
}

/** The same on a slow line. Gives what was not as it should be, or null. */
async function hoardSlowly(scene: Scene, pagesMs: number, seen: Seen): Promise<string | null> {
  const { node, talker, reading, lineUrl } = scene
  const hoarder = await openHoarder(lineUrl, talker.name, talker.session.id)
  const isDropped = watchDrops(scene)
  const endMemory = watchMemory(node.pid)
  const start = performance.now()
  reading.slow = true
  void hoarder.ask(PAGES)
  // A server that drops nobody has made every page by then.
  await until('the pages are made', () => isDropped() || performance.now() - start > 2 * pagesMs)
  seen.peaks.push(endMemory())
  hoarder.leave()
  reading.slow = false
  return isDropped() ? null : 'the slow program was not disconnected'
}

/** Returns a function that tells whether a slow socket was disconnected since. */
function watchDrops({ node }: Scene): () => boolean {
  const drops = () => node.log().split(DROPPED).length
  const before = drops()
  return () => drops() > before
}

async function askPaced(person: Person, question: string, delays: Delays): Promise<void> {
  const end = delays.watch(person, question)
  await person.say(question)
  await until('a reply has ended', () => isSettled(person))
  end()
}

async function askLong(talker: Person, question: string): Promise<void> {
  await talker.say(question)
  await until('a long reply has ended', () => isSettled(talker))
}

function isCaughtUp({ reader, talker }: Scene): boolean {
  const isOnline = reader.client.connection.get().status === 'online'
  return isOnline && reader.state().revision === talker.state().revision && isSettled(reader)
}

function judge(control: Seen, slowed: Seen): string[] {
  const late = SHARES.filter(
    (share) => quantile(slowed.delays, share) > DELAY_FACTOR * quantile(control.delays, share),
  ).map((share) => `the others’ delay (p${share * 100}) is more than ${DELAY_FACTOR} times the control`)
  const more = quantile(slowed.peaks, 0.5) - quantile(control.peaks, 0.5)
  return more > MEMORY_BYTES ? [...late, `the slow readers cost ${mebibytes(more)}`] : late
}

function figures({ delays, peaks }: Seen): string {
  const [p50, p95] = SHARES.map((share) => quantile(delays, share).toFixed(1))
  return `p50 ${p50} ms, p95 ${p95} ms, ${mebibytes(quantile(peaks, 0.5))}`
}

const mebibytes = (bytes: number): string => `${(bytes / 1024 / 1024).toFixed(0)} MiB`
