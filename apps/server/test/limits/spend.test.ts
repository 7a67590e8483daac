import { expect, it } from 'vitest'
import { usage } from '../model-server/behaviour.ts'
import { byHand } from '../replies/by-hand.ts'
import { useStage } from '../replies/stage.ts'
import { errorOf, type Talk } from '../replies/talk.ts'

const REPLY_TOKENS = 64
/** Two replies are below it, three are not. */
const BUDGET = 2 * usage.total_tokens + 1
const DAY = 86_400_000

const stage = useStage({ DAILY_TOKENS_GUEST: String(BUDGET), MAX_REPLY_TOKENS: String(REPLY_TOKENS) })

/** Says something and waits for the answer. */
async function converse(talk: Talk, content: string) {
  return talk.end(await talk.say(content))
}

it('who has spent the budget of the day is told until when, before anything is stored or asked of the model', async () => {
  const { model, open } = stage()
  const talk = await open()
  for (const content of ['one', 'two', 'three']) await converse(talk, content)
  expect(model.requests.at(-1)?.body).toMatchObject({ max_completion_tokens: REPLY_TOKENS })
  const asked = model.requests.length
  const rows = await talk.rows()

  const { sessionId } = talk
  const [messageId, replyId] = rows.slice(-2).map(({ id }) => id)
  const refused = errorOf(await talk.ask('chat:message', { sessionId, content: 'x', clientMessageId: 'c' }))
  expect(refused).toEqual({
    error: 'RATE_LIMITED',
    event: 'chat:message',
    clientMessageId: 'c',
    message: 'You have used up what you may ask of the personas in one day.',
    retryAfterMs: expect.toSatisfy((ms: unknown) => typeof ms === 'number' && ms > 0 && ms <= DAY),
    requestId: expect.any(String),
  })
  const regenerated = await talk.ask('chat:regenerate', { sessionId, messageId: replyId ?? '' })
  expect(errorOf(regenerated)).toMatchObject({ error: 'RATE_LIMITED', message: refused.message })
  const edited = await talk.ask('chat:edit', { sessionId, messageId: messageId ?? '', content: 'x' })
  expect(errorOf(edited)).toMatchObject({ error: 'RATE_LIMITED', message: refused.message })
  expect(await talk.rows()).toEqual(rows)
  expect(model.requests).toHaveLength(asked)

  // Another session brings nothing, and nobody else pays for it.
  const elsewhere = await open({ userId: talk.userId, fresh: true })
  const there = await elsewhere.ask('chat:message', { sessionId: elsewhere.sessionId, content: 'x' })
  expect(errorOf(there)).toMatchObject({ error: 'RATE_LIMITED', message: refused.message })
  expect(await converse(await open(), 'one')).toMatchObject({ status: 'complete' })
})

it('[M4] a reply whose turn comes when all is spent ends as failed, and every socket is told', async () => {
  const { model, open } = stage()
  const talk = await open()
  for (const content of ['one', 'two']) await converse(talk, content)
  const hand = byHand()
  model.behave(hand.behaviour)
  const live = await talk.say('three')
  const answer = await hand.next()
  const waiting = await talk.say('four')
  const asked = model.requests.length
  answer.say('Done.')
  answer.finish()
  expect(await talk.end(live)).toMatchObject({ status: 'complete', content: 'Done.' })
  expect(await talk.end(waiting)).toMatchObject({ status: 'failed', error: 'RATE_LIMITED', content: '' })
  await expect
    .poll(() => talk.errors())
    .toMatchObject([{ error: 'RATE_LIMITED', replyId: waiting, message: expect.stringContaining('used up') }])
  expect((await talk.rows()).slice(-2)).toMatchObject([
    { content: 'four' },
    { id: waiting, status: 'failed' },
  ])
  expect(model.requests).toHaveLength(asked)
})

it('the demo of the personas costs nothing', async () => {
  const { open } = demo()
  const talk = await open()
  for (const content of ['one', 'two', 'three']) {
    expect(await converse(talk, content)).toMatchObject({ status: 'complete', demo: true })
  }
})

const demo = useStage({ OPENAI_BASE_URL: '', DAILY_TOKENS_GUEST: '1', DAILY_TOKENS_ACCOUNT: '1' })
