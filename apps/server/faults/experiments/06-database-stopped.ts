import { setTimeout as sleep } from 'node:timers/promises'
import { type CutLine, openLine } from '../../test/services/cut-line.ts'
import { type Experiment, type Finding, finding, type Size } from '../experiment.ts'
import { type Cluster, startCluster } from '../parts/cluster.ts'
import { givenUp, isSettled, openPeople, openPerson, type Person } from '../parts/person.ts'
import { openProber, type Prober } from '../parts/prober.ts'
import { seconds } from '../parts/quantile.ts'
import { allRows, type Row } from '../parts/rows.ts'
import { startScript } from '../parts/script.ts'
import type { Stage } from '../parts/stage.ts'
import { startTraffic } from '../parts/traffic.ts'
import { until } from '../parts/until.ts'

const SIZES = {
  // Of the long replies one kind ends while the database is away and the other one after it is back.
  full: { people: 40, everyMs: 2_000, downMs: 30_000, apartMs: 3_000, replies: [15_000, 36_000] },
  short: { people: 10, everyMs: 1_000, downMs: 3_000, apartMs: 0, replies: [2_000, 4_500] },
}
/** How soon after the database everybody's sends go through again, in milliseconds. */
const RESUME_MS = 5_000
const PIECE_MS = 250
const PROBE_EVERY_MS = 500

/** PostgreSQL is stopped for a while, under traffic and with replies being written. */
export const databaseStopped: Experiment = {
  number: 6,
  title: 'PostgreSQL stopped and started',
  rules: '[M1] [R4]',
  run: (stage, size) => run(stage, size),
}

async function run(stage: Stage, size: Size): Promise<Finding> {
  const { people: count, everyMs, downMs, apartMs, replies } = SIZES[size]
  const script = await startScript(stage, { pieces: 3, everyMs: 20 })
  script.speak((question) => {
    const ms = Number(/asks for (\d+) ms/.exec(question)?.[1] ?? 0)
    return ms > 0 ? { pieces: ms / PIECE_MS, everyMs: PIECE_MS } : { pieces: 3, everyMs: 20 }
  })
  const lines: CutLine[] = []
  const ownLine = async (url: string) => {
    const line = stage.add(await openLine(url), (it) => it.close())
    lines.push(line)
    return line.url
  }
  // No time limit of a reply may be what ends it here.
  const cluster = await startCluster(stage, script, { RESPONSE_TIMEOUT_MS: '120000' }, ownLine)
  const urls = cluster.nodes.map(({ url }) => url)
  const people = await openPeople(stage, count, (index) => at(urls, index, `person-${index}`))
  const probers = await Promise.all(urls.map((url, index) => openProber(stage, url, `prober-${index}`)))
  const listeners = await listen(stage, urls, replies)
  const traffic = stage.add(startTraffic(people, everyMs), (it) => it.stop())
  await until('every person is answered', () => people.every(({ said }) => said[0]?.id != null))
  const backAt = await stopDatabase(cluster, lines, probers, { downMs, apartMs })
  const resumed = () => people.map((person, index) => resumedAfter(person, backAt[index % 2] ?? 0))
  await until('everybody says something again', () => resumed().every(Number.isFinite))
  traffic.stop()
  const everybody = [...people, ...listeners]
  await until('every page is settled', () => everybody.every(isSettled), 90_000)
  const rows = await allRows(cluster.place)
  const slowest = Math.max(...resumed())
  const isLate = size === 'full' && slowest > RESUME_MS
  const asked = probers.reduce((sum, { codes }) => sum + [...codes.values()].reduce((a, b) => a + b, 0), 0)
  return finding(
    `away for ${downMs / 1000} s, ${count} clients, ${traffic.said} sends, ${listeners.length} replies under way, ${asked} answers looked at`,
    { people: everybody, rows, script },
    [
      givenUp(everybody),
      ...probers.flatMap(({ wrong }) => wrong.slice(0, 3)),
      asked > 0 ? null : 'nobody asked anything meanwhile',
      claims(rows),
      ...listeners.map((person) => unlessComplete(person, rows)),
      isLate ? `sends went through again only after ${seconds(slowest)}` : null,
    ],
    `sends resumed within ${seconds(slowest)}`,
  )
}

const at = (urls: readonly string[], index: number, name: string) => ({
  url: urls[index % urls.length] ?? '',
  name,
})

/** On each node, people who hear long replies: of every length two. Resolves when all are being written. */
async function listen(stage: Stage, urls: readonly string[], replies: readonly number[]): Promise<Person[]> {
  const asking = replies.flatMap((ms, kind) =>
    [0, 1, 2, 3].map(async (index) => {
      const person = await openPerson(stage, at(urls, index, `listener-${kind}-${index}`))
      await person.say(`${person.name} asks for ${ms} ms`)
      return person
    }),
  )
  const listeners = await Promise.all(asking)
  await until('the long replies have begun', () => listeners.every((person) => person.state().live.size > 0))
  return listeners
}

/**
 * Stops the database for a while. The first node finds it again later than the second, so that leases of
 * an owner who lives have run out when the other one could claim. Resolves with when each node had it back.
 */
async function stopDatabase(
  { postgres }: Cluster,
  lines: readonly CutLine[],
  probers: readonly Prober[],
  { downMs, apartMs }: { readonly downMs: number; readonly apartMs: number },
): Promise<readonly number[]> {
  await postgres.shutDown()
  const end = performance.now() + downMs
  while (performance.now() < end) {
    await Promise.all([sleep(PROBE_EVERY_MS), ...probers.map((prober) => prober.ask())])
  }
  if (apartMs > 0) lines[0]?.cut()
  await postgres.start()
  const second = performance.now()
  await sleep(apartMs)
  lines[0]?.mend()
  return [performance.now(), second]
}

/** Milliseconds until the first ack after the database was back; infinite without any. */
function resumedAfter({ said }: Person, backAt: number): number {
  const acks = said.map(({ ackedAt }) => ackedAt ?? 0).filter((ackedAt) => ackedAt > backAt)
  return Math.min(...acks) - backAt
}

/** Every owner lived, so nobody had anything to claim. */
function claims(rows: readonly Row[]): string | null {
  const claimed = rows.filter(({ epoch }) => epoch > 1).length
  return claimed > 0 ? `${claimed} replies of owners who lived were claimed` : null
}

function unlessComplete({ name, said }: Person, rows: readonly Row[]): string | null {
  const reply = rows.find(({ parentId }) => parentId !== null && parentId === said[0]?.id)
  if (reply?.status === 'complete') return null
  return `the reply to ${name} is ${reply?.status ?? 'not there'} (${reply?.error})`
}
