import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { echo } from '../model-server/behaviour.ts'
import { describeWithPostgres } from '../services/describe-with.ts'
import { byHand } from './by-hand.ts'
import { type Stage, useStage } from './stage.ts'
import { dataOf, nobodyYet, replyIdOf, rowOf, type Talk } from './talk.ts'

const stop = (talk: Talk, replyId: string) => talk.ask('chat:stop', { sessionId: talk.sessionId, replyId })

// What happens at the same time: on the embedded database all calls stand in one row, so only a real
// server shows what they do to each other.
describe('races on the embedded database', () => {
  const stage = useStage()
  raceStops(stage)
  raceJoins(stage)
  raceSends(stage)
})

describeWithPostgres('races on a PostgreSQL server', ({ createDatabase }) => {
  const stage = useStage(async () => ({ DATABASE_URL: await createDatabase() }))
  raceStops(stage)
  raceJoins(stage)
  raceSends(stage)
})

function raceStops(stage: () => Stage): void {
  it('[R6] a stop that races the end, in whatever order: one end, one text, and the session goes on', async () => {
    const { model, open } = stage()
    const talk = await open()
    const hand = byHand()
    model.behave(hand.behaviour)
    const seen = new Set<string>()
    for (let round = 0; round < 24; round++) {
      const replyId = await talk.say(`Round ${round}`)
      const answer = await hand.next()
      answer.say('All ')
      await talk.heard(replyId, 'All ')
      if (round % 2 === 0) answer.say('of it.')
      const stopping = after(round % 5).then(() => stop(talk, replyId))
      // The last of six rounds is no race, so that each outcome is seen.
      if (round % 6 === 5) await stopping
      else await after((round % 6) * 30)
      answer.finish()
      const row = dataOf(await stopping)
      expect(rowOf(await talk.end(replyId))).toEqual(row)
      expect(talk.text(replyId)).toBe(row.content)
      seen.add(row.status)
    }
    expect([...seen].sort()).toEqual(['complete', 'stopped'])
    expect(talk.responses()).toHaveLength(24)
  })
}

function raceJoins(stage: () => Stage): void {
  it('[J1] case b9: at any moment, what the join says and the later deltas are the whole text', async () => {
    const { model, open } = stage()
    const pieces = fc.array(fc.constantFrom('so ', 'and ', '😀', 'then — ', '\n'), {
      minLength: 20,
      maxLength: 120,
    })
    const moments = fc.array(fc.nat({ max: 100 }), { minLength: 2, maxLength: 4 })
    await fc.assert(
      fc.asyncProperty(pieces, moments, fc.boolean(), async (said, joins, endsAfterwards) => {
        const talk = await open()
        const hand = byHand()
        model.behave(hand.behaviour)
        const replyId = await talk.say('Go')
        const answer = await hand.next()
        const late: Promise<Late>[] = []
        for (const [index, piece] of said.entries()) {
          const now = joins.filter((moment) => moment % said.length === index)
          late.push(...now.map(() => joinLate(open, talk.userId)))
          answer.say(piece)
          await after(1)
        }
        if (endsAfterwards)
          for (const { talk: one } of await Promise.all(late)) expect(one.joined.live).not.toBeNull()
        answer.finish()
        const { content } = await talk.end(replyId)
        expect(content).toBe(said.join(''))
        for (const one of await Promise.all(late)) await expectWhole(one, replyId, content)
      }),
      { numRuns: 12 },
    )
  })
}

function raceSends(stage: () => Stage): void {
  it('[M2] [M3] case d2: two tabs send at once, each twice: four turns, one chain of revisions, one order', async () => {
    const { model, open } = stage()
    model.behave(echo())
    for (let round = 0; round < 6; round++) {
      const userId = nobodyYet()
      const tabs = [await open({ userId }), await open({ userId })]
      const before = model.requests.length
      const acks = await Promise.all(
        tabs.flatMap((tab, index) =>
          ['a', 'b'].flatMap((word) => {
            const content = `${word}${index}`
            const message = { sessionId: tab.sessionId, content, clientMessageId: content }
            return [tab.ask('chat:message', message), tab.ask('chat:message', message)]
          }),
        ),
      )
      const turns = acks.map(dataOf)
      const ids = new Set(turns.map(replyIdOf))
      expect(ids.size).toBe(4)
      expect(turns.filter(({ duplicate }) => duplicate)).toHaveLength(4)
      for (const tab of tabs) for (const id of ids) await tab.end(id)
      expect(model.requests.length - before).toBe(4)
      const [one, two] = [await tabs[0]?.rows(), await tabs[1]?.rows()]
      expect(one).toEqual(two)
      expect(one).toHaveLength(9)
      expect(one?.slice(1).map(({ parentId }) => parentId)).toEqual(one?.slice(0, -1).map(({ id }) => id))
      const user = one?.filter(({ sender }) => sender === 'user').map(({ content }) => content) ?? []
      // Each tab's own messages keep the order in which it sent them.
      for (const index of [0, 1]) {
        expect(user.filter((content) => content.endsWith(`${index}`))).toEqual([`a${index}`, `b${index}`])
      }
      const revisions = [
        ...turns.filter(({ duplicate }) => !duplicate).map(({ change }) => change),
        ...(tabs[0]?.responses() ?? []).map(({ change }) => change),
      ].sort((a, b) => a.revision - b.revision)
      expect(revisions.map(({ prevRevision }) => prevRevision)).toEqual([
        1,
        ...revisions.slice(0, -1).map(({ revision }) => revision),
      ])
    }
  })
}

/** A socket that joined in the middle. */
interface Late {
  readonly talk: Talk
  /** The reply ended while the join was under way: its end came before the join's answer. */
  readonly ended: boolean
}

async function joinLate(open: Stage['open'], userId: string): Promise<Late> {
  const talk = await open({ userId })
  return { talk, ended: talk.responses().length > 0 }
}

/** What the join says, the deltas since and the end are the whole reply, with no revision between. */
async function expectWhole({ talk, ended }: Late, replyId: string, content: string): Promise<void> {
  const { live, messages, session } = talk.joined
  if (live === null) {
    expect(messages.at(-1)).toMatchObject({ id: replyId, status: 'complete', content })
    return
  }
  const end = await talk.end(replyId)
  expect(end).toMatchObject({ content, change: { prevRevision: session.revision } })
  if (!ended) expect(talk.text(replyId, live.text)).toBe(content)
}

/** Lets everything else run, so many times. */
async function after(turns: number): Promise<void> {
  for (let turn = 0; turn < turns; turn++) await new Promise(setImmediate)
}
