import { type Experiment, type Finding, finding, type Size } from '../experiment.ts'
import { startCluster } from '../parts/cluster.ts'
import { givenUp, isSettled, openPeople } from '../parts/person.ts'
import { allRows } from '../parts/rows.ts'
import { startScript } from '../parts/script.ts'
import type { Stage } from '../parts/stage.ts'
import { until } from '../parts/until.ts'

const SIZES = {
  full: { people: 50, sends: 4, kills: 5 },
  short: { people: 20, sends: 4, kills: 1 },
}

/** PostgreSQL is killed in the middle of sends, again and again. */
export const databaseKilled: Experiment = {
  number: 7,
  title: 'PostgreSQL killed with -9',
  rules: '[M1]',
  run: (stage, size) => run(stage, size),
}

async function run(stage: Stage, size: Size): Promise<Finding> {
  const { people: count, sends, kills } = SIZES[size]
  const script = await startScript(stage, { pieces: 3, everyMs: 10 })
  const { nodes, postgres, place } = await startCluster(stage, script)
  const people = await openPeople(stage, count, (index) => ({
    url: nodes[index % 2 === 0 ? 0 : 1].url,
    name: `person-${index}`,
  }))
  const acked = () => people.flatMap(({ said }) => said).filter(({ id }) => id !== null).length
  const inFlight: number[] = []
  for (let kill = 1; kill <= kills; kill++) {
    const before = acked()
    for (let send = 0; send < sends; send++) {
      for (const person of people) void person.say(`${person.name} says ${kill}.${send}`)
    }
    // Some are through, some are under way and some have not begun.
    await until('sends are under way', () => acked() > before + count / 2)
    await postgres.kill9()
    inFlight.push(count * sends * kill - acked())
    await postgres.start()
    await until('every send is acknowledged', () => acked() === count * sends * kill)
  }
  await until('every page is settled', () => people.every(isSettled))
  const rows = await allRows(place)
  const said = rows.filter(({ sender }) => sender === 'user').length
  const all = count * sends * kills
  return finding(
    `${kills} kills, ${count} clients, ${all} sends, ${inFlight.join(' + ')} not yet acknowledged at a kill`,
    { people, rows, script },
    [
      givenUp(people),
      said === all ? null : `${said} rows instead of ${all}`,
      inFlight.every((some) => some > 0) ? null : 'a kill met no send',
    ],
  )
}
