import { afterAll, beforeAll, beforeEach } from 'vitest'
import { type Parley, startParley } from '../harness/parley.ts'
import { echo } from '../model-server/behaviour.ts'
import { type ModelServer, startModelServer } from '../model-server/server.ts'
import { moderate } from '../model-server/strictness.ts'
import { openTalk, type Talk, type TalkOptions } from './talk.ts'

/** A whole server, the model behind it, and people who talk with it. */
export interface Stage {
  readonly parley: Parley
  readonly model: ModelServer
  open(options?: TalkOptions): Promise<Talk>
}

/** Environment variables of a server. */
export type Variables = Readonly<Record<string, string>>

/** Variables of a server that answers through this model. */
export function modelEnv(model: ModelServer): Variables {
  return {
    OPENAI_BASE_URL: model.url,
    OPENAI_MODEL: 'test',
    MODERATION: 'off',
    TRUST_CLIENT_USER_ID: '1',
  }
}

/** One stage for all tests of a suite; before each of them the model is well-behaved again. */
export function useStage(env: Variables | (() => Promise<Variables>) = {}): () => Stage {
  let stage: Stage | undefined
  const talks: Talk[] = []
  beforeAll(async () => {
    const model = await startModelServer()
    const more = typeof env === 'function' ? await env() : env
    const parley = await startParley({ env: { ...modelEnv(model), ...more } })
    const open = async (options?: TalkOptions) => {
      const talk = await openTalk(parley.url, options)
      talks.push(talk)
      return talk
    }
    stage = { parley, model, open }
  })
  beforeEach(() => {
    stage?.model.behave(echo())
    stage?.model.behave(moderate('pass'))
  })
  afterAll(async () => {
    for (const talk of talks) talk.close()
    await stage?.model.close()
    await stage?.parley.remove()
  })
  return () => {
    if (!stage) throw new Error('the stage is not set yet')
    return stage
  }
}
