import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { copyEmbedded } from '../harness/embedded.ts'
import { type Parley, startParley } from '../harness/parley.ts'
import { type ModelServer, startModelServer } from '../model-server/server.ts'
import { modelEnv } from '../replies/stage.ts'
import { environment } from '../services/environment.ts'
import { actionNames } from './actions.ts'
import { fillConversations } from './long-conversation.ts'
import { createNumberedModel } from './numbered-model.ts'
import { type Ground, type Result, run } from './run.ts'
import { fateKinds } from './weather.ts'

/** One seed to be replayed; without it `RUNS` of them, from 1 on. */
const SEED = environment.CONVERGENCE_SEED
const RUNS = Number(environment.CONVERGENCE_RUNS ?? 50)
const FIRST = Number(environment.CONVERGENCE_FIRST ?? 1)
/** Runs at a time: each waits most of the time. */
const PARALLEL = 4
const PERSONA_ID = 'wren'

const seeds = SEED ? [Number(SEED)] : Array.from({ length: RUNS }, (_, index) => FIRST + index)
const personOf = (seed: number) => `seed-${seed}`

describe('any two sockets of a session, however they were cut', () => {
  let model: ModelServer
  let parley: Parley
  let ground: Ground

  beforeAll(async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'parley-test-'))
    await copyEmbedded(dataDir)
    const withHistory = seeds.filter((seed) => seed % 3 === 0).map(personOf)
    model = await startModelServer()
    const numbered = createNumberedModel()
    model.behave(numbered.behaviour)
    await fillConversations({ url: null, dataDir }, withHistory, PERSONA_ID)
    parley = await startParley({ dataDir, env: modelEnv(model) })
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
      const left = [...seeds]
      const failed: Result[] = []
      const happened = new Set<string>()
      const work = async () => {
        for (let seed = left.shift(); seed !== undefined; seed = left.shift()) {
          const result = await run(ground, seed)
          for (const event of result.happened) happened.add(event)
          if (result.faults.length > 0) failed.push(result)
          if (failed.length >= 5) left.length = 0
        }
      }
      await Promise.all(Array.from({ length: PARALLEL }, work))
      expect(failed.map(report)).toEqual([])
      // Else the seeds would prove less than they seem to.
      const missing = [...actionNames, ...fateKinds].filter((event) => !happened.has(event))
      if (seeds.length >= 50) expect(missing).toEqual([])
      expect(parley.logged.filter(({ level }) => level === 'error')).toEqual([])
    },
    60_000 + seeds.length * 10_000,
  )
})

/** What is printed of a run that failed. */
function report({ seed, faults, trace }: Result): string {
  const shown = SEED ? trace : trace.slice(-40)
  return [`seed ${seed} failed; replay it with CONVERGENCE_SEED=${seed}`, ...faults, ...shown].join('\n  ')
}
