import { type Experiment, type Finding, finding, type Size } from '../experiment.ts'
import { modelEnv } from '../parts/cluster.ts'
import { embeddedFolder, makeNode, type ParleyNode } from '../parts/node.ts'
import { isSettled, openPerson, type Person } from '../parts/person.ts'
import { seconds } from '../parts/quantile.ts'
import { allRows } from '../parts/rows.ts'
import { startScript } from '../parts/script.ts'
import type { Stage } from '../parts/stage.ts'
import { until } from '../parts/until.ts'

/** How often the second server is tried. */
const TRIES = { full: 3, short: 1 }
/** “At once” is what a start takes, on this machine and however busy it is, and as much again. */
const AT_ONCE_FACTOR = 2

/**
 * Two servers on one embedded database: the second one says who has it and ends, the first one does not
 * notice; a killed one leaves nothing behind that keeps the next one from starting (case e5).
 */
export const oneDirectory: Experiment = {
  number: 11,
  title: 'two servers on one embedded database',
  rules: 'case e5',
  run,
}

async function run(stage: Stage, size: Size): Promise<Finding> {
  const script = await startScript(stage, { pieces: 10, everyMs: 30 })
  const folder = await embeddedFolder(stage)
  const env = { ...modelEnv(script), DATA_DIR: folder }
  const first = await makeNode(stage, env)
  const second = await makeNode(stage, env)
  const start = performance.now()
  await first.start()
  const startMs = performance.now() - start
  const person = await openPerson(stage, { url: first.url, name: 'ada' })
  const broken: (string | null)[] = []
  let slowestMs = 0
  await person.say('said before')
  for (let turn = 0; turn < TRIES[size]; turn++) {
    const refusal = refuse(second, first)
    void person.say(`said meanwhile ${turn}`)
    const { fault, ms } = await refusal
    broken.push(fault)
    slowestMs = Math.max(slowestMs, ms)
    await person.say(`said after it ${turn}`)
    await untilSettled(person)
  }
  const limitMs = AT_ONCE_FACTOR * startMs
  if (size === 'full' && slowestMs > limitMs) broken.push('the second server did not stop at once')
  void person.say('said as the server died')
  await first.end('SIGKILL')
  // The one that was refused finds that nobody lives, and leaves in order.
  await second.start()
  await second.end('SIGTERM')
  await first.start()
  await person.say('said after the restart')
  await untilSettled(person)
  await first.end('SIGTERM')
  const done = `${TRIES[size]} second starts, ${person.said.length} sends, 1 kill`
  // A reply that a second process took over may have been asked for anew by the third.
  const evidence = { people: [person], rows: await allRows({ folder }), script, oneCall: false }
  return finding(done, evidence, broken, `refused within ${seconds(slowestMs)}`)
}

/** Starts the second server, which has to end with one sentence that names the first one. */
async function refuse(
  second: ParleyNode,
  first: ParleyNode,
): Promise<{ readonly fault: string | null; readonly ms: number }> {
  const before = second.log().length
  const start = performance.now()
  const started = await second.start().then(
    () => true,
    () => false,
  )
  if (started) return { fault: 'the second server started', ms: 0 }
  const code = await second.ended()
  const ms = performance.now() - start
  const said = second.log().slice(before).trim()
  const isClear = !said.includes('\n') && said.includes(`is in use by process ${first.pid};`)
  if (!isClear) return { fault: `the second server said: ${said}`, ms }
  return { fault: code === 0 ? 'the second server ended with 0' : null, ms }
}

async function untilSettled(person: Person): Promise<void> {
  await until('the page is settled', () => isSettled(person))
}
