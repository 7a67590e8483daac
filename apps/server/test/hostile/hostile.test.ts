import fc from 'fast-check'
import { expect, it, vi } from 'vitest'
import { z } from 'zod'
import { type Guest, signInGuest } from '../access/guest.ts'
import { must } from '../access/opened.ts'
import { dumpTables } from '../harness/dump.ts'
import { startParley } from '../harness/parley.ts'
import { connectPlain, type PlainSocket } from '../harness/plain-socket.ts'
import { dataDirectory, type ServerProcess, startServer } from '../process/server-process.ts'
import { environment } from '../services/environment.ts'
import { framesOf, type Outcome, pay, type Visit, visits } from './visit.ts'

const FRAMES = Number(environment.HOSTILE_FRAMES ?? 5_000)
const SEED = Number(environment.HOSTILE_SEED ?? 1)
/** From so many frames on memory is judged: with fewer, what a server needs to get going is most of it. */
const JUDGED_FRAMES = 50_000
/** The part of the frames after which a server has what it needs. */
const WARM = 0.2
/** Visits at a time. */
const PARALLEL = 8
/** A question of the well-behaved socket for so many visits; more would be too many for its own limit. */
const VISITS_PER_QUESTION = 5
/** How much more a server may hold afterwards. */
const GROWTH = 1.1

const Memory = z.object({ rss: z.number(), heapUsed: z.number(), external: z.number() })

it(
  `[C1] [C2] ${FRAMES} hostile frames leave the server up, its rows as they were and others served`,
  async () => {
    process.stdout.write(`hostile frames: replay them with HOSTILE_SEED=${SEED} HOSTILE_FRAMES=${FRAMES}\n`)
    const dataDir = await dataDirectory()
    const guests = await settle(dataDir)
    const before = await dumpTables({ url: null, dataDir })
    const server = await start(dataDir)
    const plain = await enter(server, guests.good)
    const questions = new Questions(plain)
    const half = Math.floor(FRAMES * WARM)
    await assault(server, guests.bad, questions, { seed: SEED, frames: half })
    const warm = await memoryOf(server)
    await assault(server, guests.bad, questions, { seed: SEED + half, frames: FRAMES - half })

    await questions.settled()
    expect(plain.frames.filter(({ event }) => event === 'chat:error')).toEqual([])
    // Else the frames went not as far as they seem to.
    expect(questions.answered).toBeGreaterThan(FRAMES / 10)
    expect(plain.socket.connected).toBe(true)
    const grown = await untilFlat(server, warm)
    process.stdout.write(`${questions.summary()}; memory ${figures(warm)} → ${figures(grown)}\n`)
    if (FRAMES >= JUDGED_FRAMES) expect(grown.rss).toBeLessThanOrEqual(warm.rss * GROWTH)
    plain.close()
    expect(await server.end('SIGTERM')).toMatchObject({ code: 0 })
    expect(`${server.stdout()}${server.stderr()}`).not.toMatch(/ERROR|rejection|Unhandled|uncaught/)
    expect(await dumpTables({ url: null, dataDir })).toEqual(before)
  },
  120_000 + FRAMES * 20,
)

const start = (dataDir: string) =>
  startServer({
    DATA_DIR: dataDir,
    ADDRESS_LIMIT_FACTOR: '10000',
    NODE_OPTIONS: `--import=${new URL('memory.mjs', import.meta.url).href}`,
  })

/** Makes two people and a conversation, which are all that there is. */
async function settle(dataDir: string): Promise<{ good: Guest; bad: Guest }> {
  const parley = await startParley({ dataDir })
  const guests = { good: await signInGuest(parley.url), bad: await signInGuest(parley.url) }
  const plain = await enter(parley, guests.good)
  plain.close()
  await parley.close()
  return guests
}

async function enter({ url }: { readonly url: string }, { userId, token }: Guest): Promise<PlainSocket> {
  const plain = await connectPlain(url)
  await must(plain, 'chat:auth', { userId, token })
  await must(plain, 'chat:join', { personaId: 'wren' })
  return plain
}

/** Pays visits with so many frames in all, several at a time. */
async function assault(
  server: ServerProcess,
  guest: Guest,
  questions: Questions,
  { seed, frames }: { readonly seed: number; readonly frames: number },
): Promise<void> {
  const drawn = draw(seed, frames)
  const work = async () => {
    for (let visit = drawn.next(); !visit.done; visit = drawn.next()) {
      questions.visited()
      questions.add(await pay(visit.value, server.url, guest))
    }
  }
  await Promise.all(Array.from({ length: PARALLEL }, work))
}

/** Visits in the order of the seed. */
function* draw(seed: number, frames: number): Generator<Visit> {
  for (let block = 0, count = 0; count < frames; block++) {
    for (const visit of fc.sample(visits, { seed: seed * 1_000 + block, numRuns: 20 })) {
      if (count >= frames) return
      count += framesOf(visit)
      yield visit
    }
  }
}

/** What the well-behaved socket asks meanwhile. */
class Questions {
  readonly #plain: PlainSocket
  readonly #answers: Promise<unknown>[] = []
  #visits = 0
  #hangUps = 0
  #answered = 0
  #slowestMs = 0

  constructor(plain: PlainSocket) {
    this.#plain = plain
  }

  visited(): void {
    if (this.#visits++ % VISITS_PER_QUESTION === 0) this.#answers.push(this.#ask())
  }

  add({ answers, hangUps }: Outcome): void {
    this.#answered += answers
    this.#hangUps += hangUps
  }

  /** How often the other ones were answered. */
  get answered(): number {
    return this.#answered
  }

  async settled(): Promise<void> {
    await Promise.all(this.#answers)
  }

  summary(): string {
    const others = `${this.#visits} visits, ${this.#hangUps} hang-ups, ${this.#answered} answers`
    return `${others}; ${this.#answers.length} questions meanwhile, the slowest took ${this.#slowestMs} ms`
  }

  async #ask(): Promise<void> {
    const began = performance.now()
    await must(this.#plain, 'chat:join', { personaId: 'wren' })
    this.#slowestMs = Math.max(this.#slowestMs, Math.round(performance.now() - began))
  }
}

type Held = z.infer<typeof Memory>

/** What the server holds after it has cleared away what nobody needs, in bytes. */
async function memoryOf(server: ServerProcess): Promise<Held> {
  const lines = () => server.stderr().match(/^memory .*$/gm) ?? []
  const count = lines().length
  server.child.kill('SIGUSR2')
  await vi.waitUntil(() => lines().length > count, { timeout: 30_000, interval: 20 })
  return Memory.parse(JSON.parse((lines().at(-1) ?? '').slice('memory '.length)))
}

/** The same once it is as before; what it is after a minute where that does not come. */
async function untilFlat(server: ServerProcess, warm: Held): Promise<Held> {
  let held = await memoryOf(server)
  const look = async () => {
    held = await memoryOf(server)
    return held.rss <= warm.rss * GROWTH
  }
  // Counts of rates are kept for a while, and connections that were left go by their heartbeat.
  if (FRAMES >= JUDGED_FRAMES)
    await vi.waitUntil(look, { timeout: 90_000, interval: 2_000 }).catch(() => null)
  return held
}

const figures = ({ rss, heapUsed, external }: Held) =>
  [rss, heapUsed, external].map((bytes) => `${(bytes / 2 ** 20).toFixed(1)} MiB`).join(' / ')
