import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { copyEmbedded } from '../harness/embedded.ts'
import { type Parley, startParley } from '../harness/parley.ts'
import { type ModelServer, startModelServer } from '../model-server/server.ts'
import { modelEnv } from '../replies/stage.ts'
import { describeWithPostgres } from '../services/describe-with.ts'
import { environment } from '../services/environment.ts'
import { actionNames } from './actions.ts'
import { fillConversations } from './long-conversation.ts'
import { createNumberedModel } from './numbered-model.ts'
import { type Ground, type Result, run } from './run.ts'
import { fateKinds } from './weather.ts'

/** One seed to be replayed; without it `RUNS` of them, from `FIRST` on. */
const SEED = environment.CONVERGENCE_SEED
const RUNS = Number(environment.CONVERGENCE_RUNS ?? 50)
const FIRST = Number(environment.CONVERGENCE_FIRST ?? 1)
/** Runs at a time: each waits most of the time. */
const PARALLEL = 4
/** Failed runs after which no other is begun. */
const FAILURES = 5
const PERSONA_ID = 'wren'

const chosen = SEED ? [Number(SEED)] : Array.from({ length: RUNS }, (_, index) => FIRST + index)
/** A real server is slower, and brings only what happens inside of the database. */
const chosenForPostgres = chosen.filter((_, index) => index % 5 === 0)

describe('any two sockets of a session, however they were cut', () => {
  converge(chosen, async () => null)
})

describeWithPostgres('any two sockets of a session on a PostgreSQL server', ({ createDatabase }) => {
  converge(chosenForPostgres, createDatabase)
})

function converge(seeds: readonly number[], createDatabase: () => Promise<string | null>): void {
  let model: ModelServer
  let parley: Parley
  let ground: Ground

  beforeAll(async () => {
    model = await startModelServer()
    const numbered = createNumberedModel()
    model.behave(numbered.behaviour)
    parley = await startWithConversations(seeds, model, await createDatabase())
    const placeOf = (seed: number) => ({ userId: personOf(seed), personaId: PERSONA_ID })
    ground = { url: parley.url, calls: numbered.calls, placeOf }
  })
  afterAll(async () => {
    await model?.close()
    await parley?.remove()
  })

  it(
    `[S1] [M1] [M2] [M3] [R2] [C4] end in the state of a fresh join, ${seeds.length} seeds`,
    async () => {
      const results = await runAll(ground, seeds)
      expect(results.filter(({ faults }) => faults.length > 0).map(report)).toEqual([])
      expect(parley.logged.filter(({ level }) => level === 'error')).toEqual([])
      // Else the seeds would prove less than they seem to.
      const happened = new Set(results.flatMap((result) => [...result.happened]))
      const missing = [...actionNames, ...fateKinds].filter((event) => !happened.has(event))
      if (seeds.length >= 50) expect(missing).toEqual([])
    },
    60_000 + seeds.length * 10_000,
  )
}

const personOf = (seed: number) => `seed-${seed}`

/** Every third person has talked with the persona before. */
async function startWithConversations(
  seeds: readonly number[],
  model: ModelServer,
  url: string | null,
): Promise<Parley> {
  const dataDir = await mkdtemp(join(tmpdir(), 'parley-test-'))
  if (url === null) await copyEmbedded(dataDir)
  const people = seeds.filter((seed) => seed % 3 === 0).map(personOf)
  await fillConversations({ url, dataDir }, people, PERSONA_ID)
  const database = url === null ? {} : { DATABASE_URL: url }
  // All of them come from one address, again and again.
  return startParley({ dataDir, env: { ...modelEnv(model), ...database, ADDRESS_LIMIT_FACTOR: '1000' } })
}

/** Runs these seeds, or as many as it takes to fail often enough. */
async function runAll(ground: Ground, seeds: readonly number[]): Promise<Result[]> {
  const left = [...seeds]
  const results: Result[] = []
  const work = async () => {
    for (let seed = left.shift(); seed !== undefined; seed = left.shift()) {
      results.push(await run(ground, seed))
      if (results.filter(({ faults }) => faults.length > 0).length >= FAILURES) left.length = 0
    }
  }
  await Promise.all(Array.from({ length: PARALLEL }, work))
  return results
}

/** What is printed of a run that failed. */
function report({ seed, faults, trace }: Result): string {
  const shown = SEED ? trace : trace.slice(-40)
  return [`seed ${seed} failed; replay it with CONVERGENCE_SEED=${seed}`, ...faults, ...shown].join('\n  ')
}
