import { setTimeout as sleep } from 'node:timers/promises'
import { createClient } from 'redis'
import { z } from 'zod'
import { type Experiment, type Finding, finding, type Size } from '../experiment.ts'
import { type Cluster, startCluster } from '../parts/cluster.ts'
import { givenUp, isSettled, openPeople, type Person } from '../parts/person.ts'
import { allRows, query } from '../parts/rows.ts'
import { startScript } from '../parts/script.ts'
import type { Stage } from '../parts/stage.ts'
import { startTraffic } from '../parts/traffic.ts'
import { soon, until } from '../parts/until.ts'

const SIZES = {
  full: { people: 20, everyMs: 1_500, trafficMs: 3_000 },
  short: { people: 5, everyMs: 1_000, trafficMs: 1_000 },
}
/** How long pages may take to catch up, in milliseconds. */
const CATCH_UP_MS = 10_000
const EMPTY_EVERY_MS = 20

/** Redis is emptied and killed while people have one page open on each node [a8]. */
export const redisLost: Experiment = {
  number: 8,
  title: 'Redis emptied and killed',
  rules: '[S1]',
  run: (stage, size) => run(stage, size),
}

async function run(stage: Stage, size: Size): Promise<Finding> {
  const { people: count } = SIZES[size]
  const script = await startScript(stage, { pieces: 5, everyMs: 40 })
  const cluster = await startCluster(stage, script)
  // The second page of somebody is opened after the first one, so that both have the same session.
  const pages: Person[] = []
  for (const { url } of cluster.nodes) {
    pages.push(...(await openPeople(stage, count, (index) => ({ url, name: `person-${index}` }))))
  }
  const talk = async (part: string, fault: (talkingMs: number) => Promise<void>) => {
    const { everyMs, trafficMs } = SIZES[size]
    const words = (page: Person, round: number) => `page ${pages.indexOf(page)} says ${part} ${round}`
    const traffic = stage.add(startTraffic(pages, everyMs, words), (it) => it.stop())
    await fault(trafficMs)
    traffic.stop()
    await until('everything is acknowledged', () => pages.every(hasSentAll))
    await until('every reply has ended', () => hasNoOpenReply(cluster))
    return traffic.said
  }
  const emptied = await talk('before', (talkingMs) => emptyAgainAndAgain(cluster.redis.url, talkingMs))
  // Nothing is said from here on, so nothing but the fault's own end can bring anybody up to date.
  const afterEmptying = await caughtUp('Redis was emptied', pages, cluster)
  const away = await talk('meanwhile', async (talkingMs) => {
    await sleep(talkingMs / 2)
    await cluster.redis.kill9()
    await sleep(talkingMs)
  })
  await cluster.redis.start()
  const afterKill = await caughtUp('Redis is back', pages, cluster)
  return finding(
    `${count} people with a page on each of 2 nodes, ${emptied} sends while it was emptied, ${away} around its kill`,
    { people: pages, rows: await allRows(cluster.place), script },
    [givenUp(pages), afterEmptying, afterKill],
  )
}

/** Empties Redis for as long as `ms`, since what it holds at one moment may have been read by everybody. */
async function emptyAgainAndAgain(url: string, ms: number): Promise<void> {
  const client = createClient({ url })
  client.on('error', () => undefined)
  await client.connect()
  try {
    for (const end = performance.now() + ms; performance.now() < end; await sleep(EMPTY_EVERY_MS)) {
      await client.flushAll()
    }
  } finally {
    client.destroy()
  }
}

const hasSentAll = ({ said }: Person) => said.every(({ id, failure }) => id !== null || failure !== null)

async function hasNoOpenReply({ place }: Cluster): Promise<boolean> {
  const open = await query(place, `SELECT 1 FROM "Message" WHERE status IN ('live', 'waiting') LIMIT 1`)
  return open.length === 0
}

const Revision = z.object({ id: z.string(), revision: z.int() })

/** Waits until every page shows the newest revision of its session; else says how many do not. */
async function caughtUp(after: string, pages: readonly Person[], { place }: Cluster): Promise<string | null> {
  const sessions = z.array(Revision).parse(await query(place, 'SELECT id, revision FROM "ChatSession"'))
  const newest = new Map(sessions.map(({ id, revision }) => [id, revision]))
  const behind = () =>
    pages.filter((page) => !isSettled(page) || page.state().revision !== newest.get(page.session.id))
  const late = await soon('every page is up to date', () => behind().length === 0, CATCH_UP_MS)
  return late && `${after}: ${behind().length} of ${pages.length} pages are behind the database (${late})`
}
