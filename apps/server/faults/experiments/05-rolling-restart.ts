import { setTimeout as sleep } from 'node:timers/promises'
import { type Experiment, type Finding, finding, type Size } from '../experiment.ts'
import { openBalancer } from '../parts/balancer.ts'
import { startCluster } from '../parts/cluster.ts'
import { Downtimes } from '../parts/downtimes.ts'
import { givenUp, isSettled, openPeople } from '../parts/person.ts'
import { quantile, seconds } from '../parts/quantile.ts'
import { allRows } from '../parts/rows.ts'
import { type Manner, startScript } from '../parts/script.ts'
import type { Stage } from '../parts/stage.ts'
import { startTraffic } from '../parts/traffic.ts'
import { until } from '../parts/until.ts'

/** Most replies end within the grace of a server that is told to end; a long one has to be handed over. */
const SIZES = {
  full: { people: 200, everyMs: 8_000, betweenMs: 3_000, usual: spoken(6), long: spoken(30) },
  short: { people: 20, everyMs: 2_000, betweenMs: 0, usual: spoken(3), long: spoken(6) },
}
/** How soon a client has to be live again (p99), in milliseconds. */
const LIVE_AGAIN_MS = 3_000
/** Now and then every tenth person hears a long reply. */
const isLong = (question: string) => /^person-\d*0 says \d*[05]$/.test(question)

/** Two nodes are restarted one after the other under traffic, behind a balancer. */
export const rollingRestart: Experiment = {
  number: 5,
  title: 'rolling restart',
  rules: '[S2] [C4]',
  run: (stage, size) => run(stage, size),
}

async function run(stage: Stage, size: Size): Promise<Finding> {
  const { people: count, everyMs, betweenMs, usual, long } = SIZES[size]
  const script = await startScript(stage, usual)
  script.speak((question) => (isLong(question) ? long : usual))
  const { nodes, place } = await startCluster(stage, script)
  const balancer = stage.add(await openBalancer(nodes.map(({ url }) => url)), (it) => it.close())
  const people = await openPeople(stage, count, (index) => ({ url: balancer.url, name: `person-${index}` }))
  const downtimes = new Downtimes()
  for (const person of people) downtimes.watch(person)
  const traffic = stage.add(startTraffic(people, everyMs), (it) => it.stop())
  await until('every person is answered', () => people.every(({ said }) => said[0]?.id != null))
  const codes: (number | null)[] = []
  for (const node of nodes) {
    codes.push(await node.end('SIGTERM'))
    await node.start()
    await sleep(betweenMs)
  }
  traffic.stop()
  await until('every page is settled', () => downtimes.away === 0 && people.every(isSettled))
  const rows = await allRows(place)
  const handedOver = rows.filter(({ epoch }) => epoch > 1).length
  const p99 = quantile(downtimes.ended, 0.99)
  const isTimed = size === 'full'
  return finding(
    `${count} clients, ${traffic.said} sends, 2 nodes restarted, ${handedOver} replies handed over`,
    { people, rows, script, oneCall: false },
    [
      givenUp(people),
      !isTimed || codes.every((code) => code === 0) ? null : 'a node did not end in order in time',
      downtimes.ended.length >= count ? null : `only ${downtimes.ended.length} connections were closed`,
      isTimed && p99 > LIVE_AGAIN_MS ? `live again only within ${seconds(p99)} (p99)` : null,
    ],
    `exit codes ${codes.join(', ')}; live again p50 ${seconds(quantile(downtimes.ended, 0.5))}, p99 ${seconds(p99)} of ${downtimes.ended.length}`,
  )
}

function spoken(pieces: number): Manner {
  return { pieces, everyMs: 200 }
}
