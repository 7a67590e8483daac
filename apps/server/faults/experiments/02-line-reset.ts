import { randomInt } from 'node:crypto'
import { textOf } from '@parley/client'
import { openLine } from '../../test/services/cut-line.ts'
import { type Experiment, type Finding, finding, type Size } from '../experiment.ts'
import { startCluster } from '../parts/cluster.ts'
import { isSettled, openPeople, type Person } from '../parts/person.ts'
import { allRows } from '../parts/rows.ts'
import { startScript } from '../parts/script.ts'
import type { Stage } from '../parts/stage.ts'
import { until } from '../parts/until.ts'

const SIZES = { full: { people: 50, streams: 20 }, short: { people: 10, streams: 3 } }
const MANNER = { pieces: 30, everyMs: 12 }
/** A line that breaks every second is what this is about, so a connection counts as stable at once. */
const TIMING = { stableMs: 0, reconnectBaseMs: 200 }

/** The connection is reset at a random token: the text goes on without a gap and nothing twice [R2] [S1]. */
export const lineReset: Experiment = {
  number: 2,
  title: 'connection reset at a random token',
  run,
}

async function run(stage: Stage, size: Size): Promise<Finding> {
  const { people: count, streams } = SIZES[size]
  const script = await startScript(stage, MANNER)
  const { nodes, place } = await startCluster(stage, script)
  const lines = await Promise.all(
    Array.from({ length: count }, async (_, index) =>
      stage.add(await openLine(nodes[index % 2 ? 1 : 0].url), (it) => it.close()),
    ),
  )
  const people = await openPeople(stage, count, (index) => ({
    url: lines[index]?.url ?? '',
    name: `person-${index}`,
    timing: TIMING,
  }))
  let resets = 0
  const listen = async (person: Person, index: number) => {
    for (let stream = 0; stream < streams; stream++) {
      const said = person.say(`${person.name} asks ${stream}`)
      await until('the reply has begun', () => shownLength(person) > 0)
      const at = randomInt(1, 250)
      await until('the reply is long enough', () => shownLength(person) >= at || isSettled(person))
      if (!isSettled(person)) resets++
      lines[index]?.reset()
      await said
      await until(`the reply to ${person.name} has ended`, () => isSettled(person))
    }
  }
  await Promise.all(people.map(listen))
  const rows = await allRows(place)
  const complete = rows.filter(({ status, epoch }) => status === 'complete' && epoch > 0).length
  return finding(
    `${count * streams} streams to ${count} clients, ${resets} resets in mid-reply`,
    { people, rows, script },
    [complete === count * streams ? null : `only ${complete} replies are complete`],
  )
}

/** How much of the newest reply a page shows while it is being written. */
function shownLength(person: Person): number {
  const state = person.state()
  const reply = state.messages.at(-1)
  return reply?.status === 'live' ? textOf(state, reply).length : 0
}
