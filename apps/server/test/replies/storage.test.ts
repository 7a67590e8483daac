import { Readiness } from '@parley/protocol'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { type Parley, startParley } from '../harness/parley.ts'
import { echo } from '../model-server/behaviour.ts'
import { type ModelServer, startModelServer } from '../model-server/server.ts'
import { describeWithPostgres } from '../services/describe-with.ts'
import { byHand, type HandAnswer } from './by-hand.ts'
import { queryServer } from './query-server.ts'
import { modelEnv } from './stage.ts'
import { openTalk } from './talk.ts'
import { until } from './until.ts'

describeWithPostgres('replies on a PostgreSQL server, with two connections', ({ createDatabase }) => {
  let url: string
  let model: ModelServer
  let parley: Parley

  beforeAll(async () => {
    url = await createDatabase()
    model = await startModelServer()
    parley = await startParley({ env: { ...modelEnv(model), DATABASE_URL: `${url}?connection_limit=2` } })
  })
  beforeEach(() => model.behave(echo()))
  afterAll(async () => {
    await model.close()
    await parley.remove()
  })

  it('[R5] the tokens that the model counted are stored with the reply', async () => {
    const talk = await openTalk(parley.url)
    const replyId = await talk.say('Hello?')
    await talk.end(replyId)
    const [row] = await queryServer(
      url,
      `SELECT "promptTokens", "completionTokens" FROM "Message" WHERE id = '${replyId}'`,
    )
    expect(row).toEqual({ promptTokens: 11, completionTokens: 7 })
    talk.close()
  })

  it('[R3] case b4: half characters with a flush between them; the chunks are gone at the end', async () => {
    const hand = byHand()
    model.behave(hand.behaviour)
    const talk = await openTalk(parley.url)
    const replyId = await talk.say('Wave')
    const answer = await hand.next()
    const chunks = `SELECT string_agg(text, '' ORDER BY "offset") AS text FROM "ReplyChunk" WHERE "replyId" = '${replyId}'`
    const steps = [
      ['Hi ', 'Hi '],
      ['\ud83d', 'Hi '],
      ['\udc4b\ud83c', 'Hi 👋'],
      ['\udffd!', 'Hi 👋🏽!'],
    ] as const
    for (const [piece, saved] of steps) {
      answer.say(piece)
      await until(async () => (await queryServer(url, chunks))[0]?.text === saved)
    }
    answer.finish()
    expect((await talk.end(replyId)).content).toBe('Hi 👋🏽!')
    expect(talk.text(replyId)).toBe('Hi 👋🏽!')
    expect(await queryServer(url, chunks)).toEqual([{ text: null }])
    talk.close()
  })

  it('case e2: ten slow replies hold no connection and no transaction; /readyz answers', async () => {
    const hand = byHand()
    model.behave(hand.behaviour)
    const talks = await Promise.all(Array.from({ length: 10 }, () => openTalk(parley.url)))
    const ids = await Promise.all(talks.map((talk) => talk.say('Take your time')))
    const answers: HandAnswer[] = []
    for (const _ of talks) answers.push(await hand.next())
    for (const answer of answers) answer.say('Well ')
    for (const [index, talk] of talks.entries()) await talk.heard(ids[index] ?? '', 'Well ')

    for (let look = 0; look < 20; look++) await lookAtConnections(url, parley.url)
    for (const answer of answers) answer.finish()
    for (const [index, talk] of talks.entries()) {
      expect(await talk.end(ids[index] ?? '')).toMatchObject({ status: 'complete', content: 'Well ' })
      talk.close()
    }
  })
})

/** Asks PostgreSQL what the server under test does with its connections, and that server how it is. */
async function lookAtConnections(databaseUrl: string, serverUrl: string): Promise<void> {
  const rows = await queryServer(
    databaseUrl,
    `SELECT state FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'parley'`,
  )
  expect(rows.length).toBeLessThanOrEqual(2)
  expect(rows.map(({ state }) => state)).not.toContain('idle in transaction')
  const ready = await fetch(`${serverUrl}/readyz`)
  expect(ready.status).toBe(200)
  expect(Readiness.parse(await ready.json())).toMatchObject({ ready: true, database: 'up' })
}
