import { z } from 'zod'
import { type Experiment, type Finding, finding, type Size } from '../experiment.ts'
import { type Cluster, startCluster } from '../parts/cluster.ts'
import { isSettled, openPeople } from '../parts/person.ts'
import { allRows, query } from '../parts/rows.ts'
import { startScript } from '../parts/script.ts'
import type { Stage } from '../parts/stage.ts'
import { until } from '../parts/until.ts'

const SIZES = { full: 40, short: 5 }
/** Longer than a lease, so that the sleeper still has much to write when it wakes. */
const SLOW = { pieces: 60, everyMs: 250 }
const FAST = { pieces: 60, everyMs: 40 }
const Count = z.array(z.object({ count: z.coerce.number() })).length(1)

/** An owner sleeps for longer than its lease: what it wants to write when it wakes is refused [R4]. */
export const ownerAsleep: Experiment = {
  number: 4,
  title: 'SIGSTOP of the owner beyond its lease',
  run: (stage, size) => run(stage, size),
}

/** The same with a database that does not ask for the epoch. */
export const ownerAsleepWithoutFencing: Experiment = {
  number: 4,
  control: true,
  title: 'SIGSTOP of the owner, fencing off',
  run: (stage) => run(stage, 'short', forgetEpochs),
}

async function run(
  stage: Stage,
  size: Size,
  prepare: (cluster: Cluster) => Promise<void> = async () => {},
): Promise<Finding> {
  const count = SIZES[size]
  const script = await startScript(stage, SLOW)
  const cluster = await startCluster(stage, script)
  await prepare(cluster)
  await watchWrites(cluster)
  const [sleeper, other] = cluster.nodes
  const writers = await openPeople(stage, count, (index) => ({ url: sleeper.url, name: `person-${index}` }))
  const watchers = await openPeople(stage, count, (index) => ({
    url: other.url,
    name: `person-${index}`,
    sessionId: writers[index]?.session.id ?? '',
  }))
  for (const writer of writers) void writer.say(`${writer.name} asks`)
  await until('every reply is shown', () => watchers.every((page) => page.state().live.size > 0))
  sleeper.signal('SIGSTOP')
  script.speak(FAST)
  const claimed = async () => (await countOf(cluster, '"Message" WHERE epoch > 1')) === count
  await until('every reply is taken over', claimed)
  sleeper.signal('SIGCONT')
  const people = [...writers, ...watchers]
  await until('every page is settled', () =>
    people.every((page) => isSettled(page) && page.state().messages.length === 3),
  )
  const refusals = () => sleeper.log().match(/reply (left|was taken over)/g)?.length ?? 0
  await until('the sleeper has let go', () => refusals() >= count, 20_000).catch(() => undefined)
  const accepted = await countOf(cluster, 'test_old_writes')
  const rows = await allRows(cluster.place)
  const second = rows.filter(({ content }) => content.startsWith('2.')).length
  return finding(
    `${count} streams, taken over while their owner slept`,
    { people, rows, script, oneCall: false },
    [
      accepted === 0 ? null : `${accepted} writes of the older epoch were accepted`,
      refusals() > 0 ? null : 'the sleeper tried to write nothing',
      second === count ? null : `${count - second} replies are not the new owner’s`,
    ],
    `older writes: ${accepted} accepted, ${refusals()} refused`,
  )
}

async function countOf({ place }: Cluster, what: string): Promise<number> {
  return Count.parse(await query(place, `SELECT count(*) FROM ${what}`))[0]?.count ?? 0
}

/** Every write of text under an epoch that is not the reply's own is written down. */
async function watchWrites({ place }: Cluster): Promise<void> {
  await query(
    place,
    `CREATE TABLE test_old_writes (id text);
     CREATE FUNCTION test_watch() RETURNS trigger LANGUAGE plpgsql AS $$
     BEGIN
       INSERT INTO test_old_writes SELECT m.id FROM "Message" m
        WHERE m.id = NEW."replyId" AND m.epoch > NEW.epoch;
       RETURN NEW;
     END $$;
     CREATE TRIGGER test_watch AFTER INSERT OR UPDATE ON "ReplyChunk"
       FOR EACH ROW EXECUTE FUNCTION test_watch();`,
  )
}

/** Takes the conditions on the epoch out of every function that writes for an owner. */
async function forgetEpochs({ place }: Cluster): Promise<void> {
  await query(
    place,
    `DO $$
     DECLARE f record; body text; changes int := 0;
     BEGIN
       FOR f IN SELECT oid FROM pg_proc WHERE proname LIKE 'chat_flush_v%' OR proname LIKE 'chat_finish_reply_v%'
       LOOP
         body := pg_get_functiondef(f.oid);
         IF body LIKE '%m.epoch = g.epoch%' OR body LIKE '%x.epoch = p_epoch%' THEN changes := changes + 1; END IF;
         EXECUTE replace(replace(body, 'm.epoch = g.epoch', 'true'), 'x.epoch = p_epoch', 'true');
       END LOOP;
       IF changes < 2 THEN RAISE EXCEPTION 'the fence was not found'; END IF;
     END $$`,
  )
}
