import { openLine } from '../../test/services/cut-line.ts'
import { type Experiment, type Finding, finding, type Size } from '../experiment.ts'
import { type Cluster, startCluster } from '../parts/cluster.ts'
import { FrameFilter } from '../parts/frame-filter.ts'
import { isSettled, openPeople } from '../parts/person.ts'
import { allRows, query } from '../parts/rows.ts'
import { startScript } from '../parts/script.ts'
import type { Stage } from '../parts/stage.ts'
import { until } from '../parts/until.ts'

const SIZES = {
  full: { people: 200, sends: 25, dropMs: 10_000 },
  short: { people: 20, sends: 10, dropMs: 2_500 },
}
/** An answer to a client, as Socket.IO writes it: `43`, the namespace, the number of the request. */
const ACK = /^43\/chat,\d+/
const TIMING = { requestTimeoutMs: 1_500 }

/** Every answer to a client is lost for a while: what it repeats is one message all the same [M2]. */
export const acksDropped: Experiment = {
  number: 1,
  title: 'acks dropped',
  rules: '[M2]',
  run: (stage, size) => run(stage, size),
}

/** The same without the server's knowledge of what is a repeat. */
export const acksDroppedWithoutDeduplication: Experiment = {
  number: 1,
  control: true,
  title: 'acks dropped, deduplication off',
  rules: '[M2]',
  run: (stage) => run(stage, 'short', forgetRepeats),
}

async function run(
  stage: Stage,
  size: Size,
  prepare: (cluster: Cluster) => Promise<void> = async () => {},
): Promise<Finding> {
  const { people: count, sends, dropMs } = SIZES[size]
  const script = await startScript(stage, { pieces: 3, everyMs: 0 })
  const cluster = await startCluster(stage, script)
  await prepare(cluster)
  let dropping = false
  let dropped = 0
  const passes = (text: string) => {
    if (!dropping || !ACK.test(text)) return true
    dropped++
    return false
  }
  const downstream = () => new FrameFilter(passes)
  const lines = await Promise.all(cluster.nodes.map(({ url }) => openLine(url, { downstream })))
  for (const line of lines) stage.add(line, (it) => it.close())
  const people = await openPeople(stage, count, (index) => ({
    url: lines[index % 2]?.url ?? '',
    name: `person-${index}`,
    timing: TIMING,
  }))
  dropping = true
  setTimeout(() => {
    dropping = false
  }, dropMs)
  for (const person of people) {
    for (let send = 0; send < sends; send++) void person.say(`${person.name} says ${send}`)
  }
  const done = () => people.every((person) => isSettled(person) && person.said.length === sends)
  await until('every page is settled', done, 180_000)
  const rows = await allRows(cluster.place)
  const said = rows.filter(({ sender }) => sender === 'user').length
  return finding(
    `${count} clients, ${count * sends} sends, ${dropped} acks lost in ${dropMs / 1000} s`,
    { people, rows, script },
    [
      said === count * sends ? null : `${said} rows instead of ${count * sends}`,
      dropped > 0 ? null : 'no ack was lost',
    ],
  )
}

/** From now on the database takes every message for a new one. */
async function forgetRepeats({ place }: Cluster): Promise<void> {
  await query(
    place,
    `CREATE FUNCTION test_forget() RETURNS trigger LANGUAGE plpgsql AS $$
     BEGIN
       NEW."clientMessageId" := NEW."clientMessageId" || '-' || gen_random_uuid();
       RETURN NEW;
     END $$;
     CREATE TRIGGER test_forget BEFORE INSERT ON "Message" FOR EACH ROW EXECUTE FUNCTION test_forget();`,
  )
}
