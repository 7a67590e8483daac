import { afterEach } from 'vitest'
import type { Timing } from '../../src/compose.ts'
import { type Parley, startParley } from '../harness/parley.ts'
import { type ModelServer, startModelServer } from '../model-server/server.ts'
import { type CutLine, openLine } from '../services/cut-line.ts'
import type { SharedPostgres } from '../services/describe-with.ts'
import { byHand, type HandAnswer } from './by-hand.ts'
import { modelEnv } from './stage.ts'
import { openTalk, type Talk } from './talk.ts'
import { until } from './until.ts'

/** A lease that a test can wait for; longer than the second in which a silent reply is renewed. */
const timing: Timing = { leaseMs: 2_000, recoverEveryMs: 200 }
/** A node that never looks for the replies of others. */
export const idle: Timing = { ...timing, recoverEveryMs: 600_000 }

/** Several nodes on one database, each behind a line of its own where a test wants it; they end with the test. */
export function useNodes(postgres: SharedPostgres) {
  const ends: (() => Promise<unknown>)[] = []
  afterEach(async () => {
    for (const end of ends.splice(0).reverse()) await end()
  })

  async function node(url: string, env: Record<string, string>, times = timing): Promise<Parley> {
    const parley = await startParley({ env: { ...env, DATABASE_URL: url }, timing: times })
    ends.push(() => parley.remove())
    return parley
  }

  async function ownLine(url: string): Promise<CutLine> {
    const line = await openLine(url)
    ends.push(() => line.close())
    return line
  }

  /** One node behind a line that can be cut, and another one that may take over. */
  async function stage(more: Record<string, string> = {}, times = timing) {
    const model = await startModelServer()
    ends.push(() => model.close())
    const url = await postgres.createDatabase()
    const line = await ownLine(url)
    const env = { ...modelEnv(model), ...more }
    const first = await node(line.url, env, idle)
    return { model, url, env, line, first, second: await node(url, env, times) }
  }

  return { node, ownLine, stage }
}

/** A reply in the middle, and who asked for it. */
export interface Half {
  readonly hand: ReturnType<typeof byHand>
  readonly owner: Talk
  readonly replyId: string
  readonly answer: HandAnswer
}

/** A reply that `first` writes and of which the database has `text`, as `other` sees it. */
export async function saidHalf(
  first: Parley,
  other: Parley,
  model: ModelServer,
  text = 'The old half',
): Promise<Half> {
  const hand = byHand()
  model.behave(hand.behaviour)
  const owner = await openTalk(first.url)
  const replyId = await owner.say('Tell me')
  const answer = await hand.next()
  answer.say(text)
  await saved(other, owner, text)
  return { hand, owner, replyId, answer }
}

/** Waits until a node that does not write the reply has its text from the database. */
export async function saved(node: Parley, { userId }: Talk, text: string): Promise<void> {
  const reader = await openTalk(node.url, { userId })
  await until(async () => {
    const answer = await reader.ask('chat:sync', { sessionId: reader.sessionId, afterRevision: 0 })
    return answer.ok && answer.data.live?.text === text
  })
  reader.close()
}
