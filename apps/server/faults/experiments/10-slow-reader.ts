import { setTimeout as sleep } from 'node:timers/promises'
import { limits } from '@parley/protocol'
import { type CutLine, openLine } from '../../test/services/cut-line.ts'
import { type Experiment, type Finding, finding, type Size } from '../experiment.ts'
import { modelEnv } from '../parts/cluster.ts'
import { Delays } from '../parts/delays.ts'
import { watchMemory } from '../parts/memory.ts'
import { embeddedFolder, makeNode, type ParleyNode } from '../parts/node.ts'
import { isSettled, openPeople, openPerson, type Person } from '../parts/person.ts'
import { quantile } from '../parts/quantile.ts'
import { allRows } from '../parts/rows.ts'
import { type Script, startScript } from '../parts/script.ts'
import type { Stage } from '../parts/stage.ts'
import { Throttle } from '../parts/throttle.ts'
import { until } from '../parts/until.ts'

/** `rounds` of each kind; `long` replies in each, of which the slow reader reads next to nothing. */
const SIZES = {
  full: { people: 100, rounds: 3, pieces: 30, long: 16 },
  short: { people: 20, rounds: 1, pieces: 10, long: 16 },
}
const EVERY_MS = 100
/** How often the others' delay with a slow reader may be that without one. */
const DELAY_FACTOR = 1.2
/** What a slow reader may cost: each copy of what waits for it is as long as the limit at most. */
const MEMORY_BYTES = 8 * limits.socketBufferBytes
/** Long replies at most until the slow reader is disconnected. */
const LONG_MAX = 50
/** JSON writes this with six bytes, so that a reply of the longest kind is 700 KB on the wire, told twice. */
const LONG = { pieces: 4, everyMs: 0, filling: '\u0001'.repeat(15_000) }
/** What the server's log says of it. */
const DROPPED = 'a slow socket was disconnected'
/** Of the delays that are compared. */
const SHARES = [0.5, 0.95]

interface Scene {
  readonly node: ParleyNode
  readonly others: readonly Person[]
  /** Makes the long replies. */
  readonly talker: Person
  /** Another page of the talker's. */
  readonly reader: Person
  readonly line: CutLine
  readonly delays: Delays
  readonly reading: { slow: boolean }
}

/** What was seen in all rounds of one kind. */
interface Seen {
  readonly delays: number[]
  /** Most memory of the node in each round, in bytes. */
  readonly peaks: number[]
}

/** One page reads 1 KB/s while a hundred others are written to [S3] (case j3). */
export const slowReader: Experiment = {
  number: 10,
  title: 'a slow reader among others',
  rules: '[S3]',
  run,
}

async function run(stage: Stage, size: Size): Promise<Finding> {
  const { people: count, rounds, pieces, long } = SIZES[size]
  const folder = await embeddedFolder(stage)
  const script = await startScript(stage, LONG)
  const scene = await setUp(stage, { script, folder, count, pieces })
  const control: Seen = { delays: [], peaks: [] }
  const slowed: Seen = { delays: [], peaks: [] }
  const broken: (string | null)[] = []
  // The first round warms the server up.
  await round(scene, 'warm', long, { delays: [], peaks: [] })
  for (let turn = 0; turn < rounds; turn++) {
    await round(scene, `${turn} alone`, long, control)
    await letIn(scene)
    await round(scene, `${turn} with a slow reader`, long, slowed)
    broken.push(await mend(scene, turn))
  }
  await scene.node.end('SIGTERM')
  const evidence = {
    people: [...scene.others, scene.talker, scene.reader],
    rows: await allRows({ folder }),
    script,
  }
  if (size === 'full') broken.push(...judge(control, slowed))
  const done = `${count} others, ${rounds} rounds of ${long} long replies read at 1 KB/s`
  return finding(done, evidence, broken, describe(control, slowed))
}

async function setUp(
  stage: Stage,
  { script, folder, count, pieces }: { script: Script; folder: string; count: number; pieces: number },
): Promise<Scene> {
  const node = await makeNode(stage, { ...modelEnv(script), DATA_DIR: folder, CONTEXT_MESSAGES: '1' })
  await node.start()
  const delays = new Delays()
  const { onPiece } = delays
  script.speak((question) => (question.includes('long') ? LONG : { pieces, everyMs: EVERY_MS, onPiece }))
  const others = await openPeople(stage, count, (index) => ({ url: node.url, name: `person-${index}` }))
  const reading = { slow: false }
  const downstream = () => new Throttle(() => reading.slow)
  const line = stage.add(await openLine(node.url, { downstream }), (it) => it.close())
  const talker = await openPerson(stage, { url: node.url, name: 'ada' })
  const reader = await openPerson(stage, { url: line.url, name: 'ada', sessionId: talker.session.id })
  line.cut()
  return { node, others, talker, reader, line, delays, reading }
}

/** Everybody asks something, a little apart, and meanwhile there is one long reply after the other. */
async function round(scene: Scene, name: string, long: number, seen: Seen): Promise<void> {
  const { node, others, talker, delays } = scene
  const endMemory = watchMemory(node.pid)
  const paced = others.map(async (person, index) => {
    await sleep((index * 1_000) / others.length)
    const question = `${person.name} asks in ${name}`
    const end = delays.watch(person, question)
    await person.say(question)
    await until('a reply has ended', () => isSettled(person))
    end()
  })
  for (let reply = 0; reply < long; reply++) await askLong(talker, `a long reply, ${reply} in ${name}`)
  await Promise.all(paced)
  seen.delays.push(...delays.take())
  seen.peaks.push(endMemory())
}

async function askLong(talker: Person, question: string): Promise<void> {
  await talker.say(question)
  await until('a long reply has ended', () => isSettled(talker))
}

/** Opens the line of the reader, who comes up to date first and then reads slowly. */
async function letIn(scene: Scene): Promise<void> {
  scene.line.mend()
  scene.reader.client.retry()
  await until('the reader is here', () => isCaughtUp(scene))
  scene.reading.slow = true
}

/** Gives the reader its speed back: it was disconnected, and then has everything. Leaves it away again. */
async function mend(scene: Scene, turn: number): Promise<string | null> {
  const { node, talker, reader, line } = scene
  const wasDropped = () => node.log().split(DROPPED).length - 1 > turn
  for (let more = 0; !wasDropped() && more < LONG_MAX; more++) {
    await askLong(talker, `a long reply, ${more} more in ${turn}`)
  }
  const fault = wasDropped() ? null : 'the slow reader was never disconnected'
  scene.reading.slow = false
  await until('the slow reader has caught up', () => isCaughtUp(scene))
  line.cut()
  await until('the reader has left', () => reader.client.connection.get().status !== 'online')
  return fault
}

function isCaughtUp({ reader, talker }: Scene): boolean {
  const { revision } = talker.state()
  const isOnline = reader.client.connection.get().status === 'online'
  return isOnline && reader.state().revision === revision && isSettled(reader)
}

function judge(control: Seen, slowed: Seen): string[] {
  const broken = SHARES.filter(
    (share) => quantile(slowed.delays, share) > DELAY_FACTOR * quantile(control.delays, share),
  ).map((share) => `the others’ delay (p${share * 100}) is more than ${DELAY_FACTOR} times the control`)
  const more = quantile(slowed.peaks, 0.5) - quantile(control.peaks, 0.5)
  if (more > MEMORY_BYTES) broken.push(`the slow reader costs ${mebibytes(more)}`)
  return broken
}

function describe(control: Seen, slowed: Seen): string {
  const figures = ({ delays, peaks }: Seen) => {
    const [p50, p95] = SHARES.map((share) => quantile(delays, share).toFixed(1))
    return `p50 ${p50} ms, p95 ${p95} ms, ${mebibytes(quantile(peaks, 0.5))}`
  }
  return `without: ${figures(control)}; with: ${figures(slowed)}`
}

const mebibytes = (bytes: number): string => `${(bytes / 1024 / 1024).toFixed(0)} MiB`
