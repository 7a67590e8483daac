import { type Experiment, type Finding, finding, type Size } from '../experiment.ts'
import { type Cluster, type Services, startPair, startServices } from '../parts/cluster.ts'
import { isSettled, openPeople, type Person } from '../parts/person.ts'
import { allRows, type Row } from '../parts/rows.ts'
import { type Script, startScript } from '../parts/script.ts'
import type { Stage } from '../parts/stage.ts'
import { until } from '../parts/until.ts'

const SIZES = { full: { pairs: 4, kills: 5, streams: 10 }, short: { pairs: 1, kills: 1, streams: 5 } }
const MANNER = { pieces: 40, everyMs: 50 }
/** Of limits: how long a dead owner counts as alive, and how long its replies may take after that. */
const LEASE_MS = 10_000
const AFTER_LEASE_MS = 10_000

/** What one pair of nodes went through. */
interface Past {
  readonly people: Person[]
  readonly rows: Row[]
  /** From each kill until the last of its replies had ended, in milliseconds. */
  readonly took: number[]
}

/** The node that writes is killed: the other one finishes what it wrote [R4]. */
export const writerKilled: Experiment = {
  number: 3,
  title: 'kill -9 of the node that writes',
  run,
}

async function run(stage: Stage, size: Size): Promise<Finding> {
  const { pairs, kills, streams } = SIZES[size]
  const script = await startScript(stage, MANNER)
  const services = await startServices(stage)
  const pasts = await Promise.all(
    Array.from({ length: pairs }, (_, pair) => suffer(stage, script, services, pair, kills, streams)),
  )
  const rows = pasts.flatMap((past) => past.rows)
  const replies = rows.filter(({ sender, parentId }) => sender === 'ai' && parentId !== null)
  const complete = replies.filter(({ status }) => status === 'complete').length
  const taken = replies.filter(({ epoch }) => epoch > 1).length
  const slowest = Math.max(...pasts.flatMap(({ took }) => took))
  return finding(
    `${pairs * kills} kills, ${replies.length} streams, ${taken} taken over`,
    { people: pasts.flatMap(({ people }) => people), rows, script, oneCall: false },
    [
      complete >= replies.length * 0.99 ? null : `only ${complete} of ${replies.length} are complete`,
      taken > 0 ? null : 'no reply was taken over',
      slowest <= LEASE_MS + AFTER_LEASE_MS ? null : `a reply ended ${seconds(slowest)} s after the kill`,
    ],
    `${complete} complete, the last one ${seconds(slowest)} s after its kill`,
  )
}

/** Kills the nodes of a pair in turn, each in the middle of replies, and waits for their ends. */
async function suffer(
  stage: Stage,
  script: Script,
  services: Services,
  pair: number,
  kills: number,
  streams: number,
): Promise<Past> {
  // Pairs share a server of Redis, not what is on it.
  const env = { REDIS_URL: `${services.redis.url}/${pair}` }
  const { nodes, place } = await startPair(stage, script, services, env)
  const people: Person[] = []
  const took: number[] = []
  for (let kill = 0; kill < kills; kill++) {
    const victim = kill % 2 ? 1 : 0
    const names = (index: number) => `pair-${pair}-kill-${kill}-person-${index}`
    const { writers, watchers } = await openPages(stage, nodes, victim, streams, names)
    people.push(...writers, ...watchers)
    for (const writer of writers) void writer.say(`${writer.name} asks`)
    await until('every reply is shown on both nodes', () =>
      [...writers, ...watchers].every((page) => page.state().live.size > 0),
    )
    await nodes[victim].end('SIGKILL')
    const killedAt = performance.now()
    await nodes[victim].start()
    const settled = () => [...writers, ...watchers].every((page) => isSettled(page) && saw(page))
    await until('every reply has ended', settled, 60_000)
    took.push(performance.now() - killedAt)
  }
  return { people, rows: await allRows(place), took }
}

/** Each person has a page on the node that will be killed, and one on the other. */
async function openPages(
  stage: Stage,
  nodes: Cluster['nodes'],
  victim: 0 | 1,
  count: number,
  nameOf: (index: number) => string,
) {
  const writers = await openPeople(stage, count, (index) => ({ url: nodes[victim].url, name: nameOf(index) }))
  const survivor = nodes[victim ? 0 : 1]
  const watchers = await openPeople(stage, count, (index) => ({
    url: survivor.url,
    name: nameOf(index),
    sessionId: writers[index]?.session.id ?? '',
  }))
  return { writers, watchers }
}

/** A greeting, what was asked and the answer. */
const saw = (page: Person) => page.state().messages.length === 3

const seconds = (ms: number) => (ms / 1000).toFixed(1)
