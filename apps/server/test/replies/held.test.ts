import pg from 'pg'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { describeWithPostgres } from '../services/describe-with.ts'
import { byHand } from './by-hand.ts'
import { useStage } from './stage.ts'
import { dataOf, nobodyYet } from './talk.ts'
import { until } from './until.ts'

describeWithPostgres('a reply that an edit is about to end', ({ createDatabase }) => {
  let url = ''
  let client: pg.Client
  /** Looks on from outside: within a transaction the activity stays as it was first seen. */
  let onlooker: pg.Client
  const stage = useStage(async () => {
    url = await createDatabase()
    return { DATABASE_URL: url }
  })
  beforeEach(async () => {
    client = new pg.Client({ connectionString: url })
    onlooker = new pg.Client({ connectionString: url })
    await Promise.all([client.connect(), onlooker.connect()])
  })
  afterEach(() => Promise.all([client.end(), onlooker.end()]))

  /** Calls of the server that wait for this client, themselves or behind others. */
  async function waiting(): Promise<number> {
    const { rows } = await onlooker.query(
      `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
    )
    return rows.length
  }

  it('[M6] [J1] who joins meanwhile is shown nothing of it that is not kept', async () => {
    const userId = nobodyYet()
    const talk = await stage().open({ userId })
    const { sessionId } = talk
    const hand = byHand()
    stage().model.behave(hand.behaviour)
    const replyId = await talk.say('Go')
    const answer = await hand.next()
    answer.say('Half')
    await talk.heard(replyId, 'Half')
    const messageId = (await talk.rows())[1]?.id ?? ''

    await client.query('BEGIN')
    await client.query('SELECT 1 FROM "ChatSession" WHERE id = $1 FOR UPDATE', [sessionId])
    const editing = talk.ask('chat:edit', { sessionId, messageId, content: 'Rather this' })
    await until(async () => (await waiting()) === 1)
    answer.say(' and more')
    answer.finish()
    // The server has all of the text now: it is about to save the reply's end.
    await until(async () => (await waiting()) === 2)
    const late = await stage().open({ userId })
    await client.query('COMMIT')

    dataOf(await editing)
    const { status, content } = await talk.end(replyId)
    expect({ status, content }).toEqual({ status: 'stopped', content: 'Half' })
    expect(late.joined.live).toEqual({ replyId, epoch: 1, text: 'Half' })
    expect(talk.text(replyId)).toBe('Half')
  })
})
