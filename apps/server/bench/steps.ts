import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startNginx } from '../test/services/nginx.ts'
import { startPostgres } from '../test/services/postgres.ts'
import { startRedis } from '../test/services/redis.ts'
import { quantile, startProgram } from './setting.ts'
import { openWindow, type Server, startServer, type Window } from './window.ts'

/**
 * What each step of docs/scaling.md adds to the first token: send → first delta, on the embedded database, on
 * PostgreSQL, with Redis, behind nginx, and as a window at the other server sees it. All are measured in
 * turn, so that what else the machine does falls on all of them.
 */
const ROUNDS = 240
const WARM_UP = 40
/** Each sends its part, so that nobody sends more than a person may. */
const PEOPLE = 10
const CONTENT = 'Tell me something about the sea.'

const ends: (() => unknown)[] = []
try {
  print(await measure(await openSteps()))
} finally {
  for (const end of ends.reverse()) await end()
}

interface Step {
  readonly title: string
  /** One take for each person. */
  readonly takes: readonly (() => Promise<number>)[]
}

async function openSteps(): Promise<Step[]> {
  const folder = await mkdtemp(join(tmpdir(), 'parley-bench-'))
  ends.push(() => rm(folder, { recursive: true, force: true }))
  const model = await startProgram('../test/model-server/main.ts', /^http/, ['echo-now'])
  const [postgres, redis] = [await startPostgres(), await startRedis()]
  ends.push(model.stop, postgres.stop, redis.stop)
  const start = async (name: string, env: Readonly<Record<string, string>>) => {
    const server = await startServer({ DATA_DIR: join(folder, name), OPENAI_BASE_URL: model.line, ...env })
    ends.push(server.program.stop)
    return server
  }
  const single = { DATABASE_URL: await postgres.createDatabase() }
  const shared = { DATABASE_URL: await postgres.createDatabase(), REDIS_URL: redis.url }
  const [one, other] = [await start('one', shared), await start('other', shared)]
  const nginx = await startNginx([hostOf(one), hostOf(other)])
  ends.push(nginx.stop)
  return [
    await open('embedded database', (await start('embedded', { DATABASE_URL: '', REDIS_URL: '' })).url),
    await open('PostgreSQL', (await start('single', { ...single, REDIS_URL: '' })).url),
    await open('and Redis', one.url),
    await open('and nginx', nginx.url),
    await open('seen at the other server', one.url, other.url),
  ]
}

async function open(title: string, url: string, elsewhere?: string): Promise<Step> {
  const takes = Array.from({ length: PEOPLE }, async (_, n) => {
    const userId = `${title} ${n}`.replaceAll(' ', '-')
    const here = await opened(url, userId)
    const there = elsewhere === undefined ? here : await opened(elsewhere, userId)
    return () => here.firstToken(CONTENT, there)
  })
  return { title, takes: await Promise.all(takes) }
}

async function opened(url: string, userId: string): Promise<Window> {
  const window = await openWindow(url, userId)
  ends.push(window.close)
  return window
}

async function measure(steps: readonly Step[]): Promise<Map<string, number[]>> {
  const values = new Map(steps.map(({ title }) => [title, [] as number[]]))
  for (let round = -WARM_UP; round < ROUNDS; round++) {
    for (const { title, takes } of steps) {
      const ms = await takes[(round + WARM_UP) % PEOPLE]?.()
      if (round >= 0 && ms !== undefined) values.get(title)?.push(ms)
    }
  }
  return values
}

function print(values: ReadonlyMap<string, readonly number[]>): void {
  const first = [...values.values()][0] ?? []
  console.log(`\nsend to first delta: milliseconds, and times the first line, ${ROUNDS} sends`)
  console.log(`${' '.repeat(26)}${'p50'.padStart(16)}${'p90'.padStart(16)}`)
  for (const [title, taken] of values) {
    const cells = [0.5, 0.9].map((share) => {
      const ms = quantile(taken, share)
      return `${ms.toFixed(1)} (${(ms / quantile(first, share)).toFixed(2)})`.padStart(16)
    })
    console.log(`${title.padEnd(26)}${cells.join('')}`)
  }
}

function hostOf({ url }: Server): string {
  return new URL(url).host
}
