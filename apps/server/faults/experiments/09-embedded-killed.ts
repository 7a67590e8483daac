import { setTimeout as sleep } from 'node:timers/promises'
import { type Experiment, type Finding, finding, type Size } from '../experiment.ts'
import { modelEnv } from '../parts/cluster.ts'
import { embeddedFolder, makeNode, type ParleyNode } from '../parts/node.ts'
import { isSettled, openPeople, type Person } from '../parts/person.ts'
import { allRows } from '../parts/rows.ts'
import { startScript } from '../parts/script.ts'
import type { Stage } from '../parts/stage.ts'
import { until } from '../parts/until.ts'

const SIZES = { full: { people: 10, kills: 20 }, short: { people: 10, kills: 2 } }
/** The kill comes this long after a round's first message, in milliseconds: among sends and streams. */
const KILL_MS = { from: 60, to: 600 }
/** Killed more often than any server is, so a connection counts as stable sooner. The rest is as usual. */
const TIMING = { stableMs: 1_000 }

/** What the kills met. */
interface Hit {
  /** Messages that were under way. */
  sends: number
  /** Replies that were being written. */
  streams: number
  /** People who had to press the button, since the restart took longer than all reconnections. */
  retries: number
}

/** The only process dies by `kill -9` again and again, and starts again on what it left [M1] [R3] [R4]. */
export const embeddedKilled: Experiment = {
  number: 9,
  title: 'the only process killed, embedded database',
  rules: '[M1] [R4]',
  run,
}

async function run(stage: Stage, size: Size): Promise<Finding> {
  const { people: count, kills } = SIZES[size]
  const script = await startScript(stage, { pieces: 12, everyMs: 40 })
  const folder = await embeddedFolder(stage)
  const node = await makeNode(stage, { ...modelEnv(script), DATA_DIR: folder })
  await node.start()
  const people = await openPeople(stage, count, (index) => ({
    url: node.url,
    name: `person-${index}`,
    timing: TIMING,
  }))
  const hit: Hit = { sends: 0, streams: 0, retries: 0 }
  for (let kill = 0; kill < kills; kill++) {
    const share = kill / (kills - 1)
    await round(node, people, kill, KILL_MS.from + share * (KILL_MS.to - KILL_MS.from), hit)
  }
  await node.end('SIGTERM')
  const rows = await allRows({ folder })
  const said = people.reduce((sum, person) => sum + person.said.length, 0)
  const unanswered = rows.filter(({ sender, status }) => sender === 'ai' && status !== 'complete').length
  const measured = hit.retries > 0 ? `${hit.retries} retries by hand` : 'all reconnected by themselves'
  const done = `${kills} kills, ${said} sends (${hit.sends} under way when killed, ${hit.streams} streams cut)`
  const broken = [
    unanswered > 0 ? `${unanswered} replies are not complete` : null,
    hit.sends > 0 ? null : 'no message was under way at any kill',
    hit.streams > 0 ? null : 'no reply was being written at any kill',
  ]
  // What a process that died had of a reply is asked for again.
  return finding(done, { people, rows, script, oneCall: false }, broken, measured)
}

/** Everybody says two things, the server is killed among them and started again, and all ends well. */
async function round(
  node: ParleyNode,
  people: readonly Person[],
  number: number,
  killAfterMs: number,
  hit: Hit,
): Promise<void> {
  const talking = Promise.all(
    people.map(async (person, index) => {
      await sleep((index * KILL_MS.to) / people.length)
      void person.say(`${person.name} says ${number}a`)
      void person.say(`${person.name} says ${number}b`)
    }),
  )
  await sleep(killAfterMs)
  const gone = node.end('SIGKILL')
  for (const person of people) {
    const { pending, messages } = person.state()
    hit.sends += pending.filter(({ status }) => status === 'sending').length
    hit.streams += messages.filter(({ status }) => status === 'live').length
  }
  await gone
  await node.start()
  await talking
  const done = () => {
    const offline = people.filter(({ client }) => client.connection.get().status === 'offline')
    hit.retries += offline.length
    for (const { client } of offline) client.retry()
    return people.every((person) => isSettled(person) && person.said.every(isOver))
  }
  await until(`every page is settled after kill ${number + 1}`, done)
}

const isOver = ({ id, failure }: Person['said'][number]) => id !== null || failure !== null
