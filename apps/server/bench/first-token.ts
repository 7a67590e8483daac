import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import OpenAI from 'openai'
import { WebSocket } from 'ws'
import { startPostgres } from '../test/services/postgres.ts'
import { ProgramMissing } from '../test/services/programs.ts'
import { type Program, quantile, startProgram } from './setting.ts'
import { openWindow, startServer } from './window.ts'

/**
 * How much Parley adds to the first token: (send → first delta) minus (direct SDK request → first
 * chunk), commit included, beside a floor: the same commit, SDK and a `ws` hop without the rest. All
 * three are measured in turn, so that what else the machine does falls on all of them.
 */
const ROUNDS = 300
const WARM_UP = 60
const PEOPLE = 8
const CONTENT = 'Tell me something about the sea.'

type Take = () => Promise<number>

/** What has to be ended after a comparison. */
interface Opened {
  readonly programs: Program[]
  readonly closing: (() => void)[]
}

const model = await startProgram('../test/model-server/main.ts', /^http/, ['echo-now'])
try {
  await compare('embedded database', null)
  const postgres = await startPostgres().catch((cause: unknown) => {
    if (!(cause instanceof ProgramMissing)) throw cause
    console.log(`PostgreSQL: not measured, ${cause.message}`)
    return null
  })
  if (postgres) {
    try {
      await compare('PostgreSQL', () => postgres.createDatabase())
    } finally {
      await postgres.stop()
    }
  }
} finally {
  await model.stop()
}

async function compare(title: string, database: (() => Promise<string>) | null): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'parley-bench-'))
  const programs: Program[] = []
  const closing: (() => void)[] = []
  try {
    const parley = await parleyTake(
      { programs, closing },
      join(folder, 'parley'),
      database && (await database()),
    )
    const floor = await floorTake(
      { programs, closing },
      join(folder, 'floor'),
      database && (await database()),
    )
    const direct = directTake()
    const added: number[] = []
    const least: number[] = []
    for (let round = -WARM_UP; round < ROUNDS; round++) {
      const base = await direct()
      const [own, bare] = [await parley(), await floor()]
      if (round < 0) continue
      added.push(own - base)
      least.push(bare - base)
    }
    print(title, added, least)
  } finally {
    for (const close of closing) close()
    await Promise.all(programs.map((program) => program.stop()))
    await rm(folder, { recursive: true, force: true })
  }
}

function print(title: string, added: readonly number[], least: readonly number[]): void {
  const row = (values: readonly number[]) =>
    [0.5, 0.9, 0.99].map((share) => quantile(values, share).toFixed(2).padStart(7)).join(' ')
  console.log(`\n${title}: milliseconds added to the first token, ${ROUNDS} sends`)
  console.log(`            p50     p90     p99`)
  console.log(`  Parley ${row(added)}`)
  console.log(`  floor  ${row(least)}`)
}

/** A request of the SDK, straight to the model. */
function directTake(): Take {
  const openai = new OpenAI({ apiKey: 'bench', baseURL: model.line, maxRetries: 0 })
  return async () => {
    const start = performance.now()
    let first = 0
    const stream = await openai.chat.completions.create({
      model: 'bench',
      messages: [{ role: 'user', content: CONTENT }],
      stream: true,
    })
    for await (const chunk of stream) {
      if (first === 0 && chunk.choices[0]?.delta.content) first = performance.now() - start
    }
    return first
  }
}

/** A send through a whole server, by a plain socket. */
async function parleyTake({ programs, closing }: Opened, dataDir: string, url: string | null): Promise<Take> {
  const server = await startServer({
    DATA_DIR: dataDir,
    DATABASE_URL: url ?? '',
    OPENAI_BASE_URL: model.line,
  })
  programs.push(server.program)
  // Several people in turn: one alone would reach the limit of what a person may send.
  const windows = await Promise.all(
    Array.from({ length: PEOPLE }, (_, person) => openWindow(server.url, `bench-${person}`)),
  )
  for (const window of windows) closing.push(() => window.close())
  return async () => {
    const window = windows.shift()
    if (!window) throw new Error('every window is in use')
    windows.push(window)
    return window.firstToken(CONTENT)
  }
}

/** A send through the floor. */
async function floorTake({ programs, closing }: Opened, dataDir: string, url: string | null): Promise<Take> {
  const server = await startProgram('./floor-server.ts', /^ready/, [
    JSON.stringify({ url, dataDir, modelUrl: model.line }),
  ])
  programs.push(server)
  const socket = new WebSocket(`ws://127.0.0.1:${server.line.split(' ')[1]}`)
  closing.push(() => socket.close())
  await once(socket, 'open')
  return async () => {
    const start = performance.now()
    let first = 0
    const end = new Promise<void>((resolve) => {
      socket.on('message', (frame) => {
        if (first === 0) first = performance.now() - start
        if (String(frame) !== '') return
        socket.removeAllListeners('message')
        resolve()
      })
    })
    socket.send(CONTENT)
    await end
    return first
  }
}
