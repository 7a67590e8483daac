import pg from 'pg'
import { expect, it } from 'vitest'
import { signUp } from '../access/account.ts'
import { signInGuest } from '../access/guest.ts'
import { must } from '../access/opened.ts'
import type { Parley } from '../harness/parley.ts'
import { connectPlain } from '../harness/plain-socket.ts'
import { type Behaviour, chat, chunk, delta, echo, usage } from '../model-server/behaviour.ts'
import { idle, saidHalf, useNodes } from '../replies/nodes.ts'
import { errorOf, nobodyYet, openTalk, type Talk } from '../replies/talk.ts'
import { describeWithPostgres } from '../services/describe-with.ts'

/** What a call costs here: more than its own prompt has tokens, less than a reply holds. */
const COST = 4_000
const SOCKETS = 50
const BUDGET = 30_000

/** Answers and counts as told; null: not at all, as many servers do. */
function counted(tokens: number | null): Behaviour {
  return chat('counted', (exchange) => {
    exchange.event(delta({ content: 'Counted.' }, 'stop'))
    const counts = { prompt_tokens: (tokens ?? 0) - 100, completion_tokens: 100 }
    if (tokens !== null) exchange.event(chunk({ choices: [], usage: counts }))
    exchange.raw('data: [DONE]\n\n')
    exchange.end()
  })
}

const isSpent = ({ message }: { readonly message: string }) => message.includes('used up')

describeWithPostgres('what a person spends on several nodes', (postgres) => {
  const nodes = useNodes(postgres)

  it('50 sockets at once on two nodes pass the budget by less than one reply, and use it up', async () => {
    const { model, url, first, second } = await nodes.stage(
      { DAILY_TOKENS_GUEST: String(BUDGET) },
      { ...idle, rateWindowMs: 1_000 },
    )
    model.behave(counted(COST))
    const userId = nobodyYet()
    const talks = await openMany([first, second], userId)
    const begun: number[] = []
    // The nodes count sends too, which is another limit; a window of theirs is a second.
    await expect
      .poll(
        async () => {
          const answers = await Promise.all(talks.map((talk) => sayOnce(talk)))
          begun.push(answers.filter((answer) => answer === 'ok').length)
          return answers.filter((answer) => answer === 'spent').length
        },
        { timeout: 60_000, interval: 300 },
      )
      .toBe(SOCKETS)
    await expect.poll(() => held(url)).toEqual([])
    // Also where several began at once.
    expect(begun[0]).toBeGreaterThan(1)
    const [tokens] = await spentOf(url, { userId })
    expect(tokens).toBe(model.requests.length * COST)
    expect(tokens).toBeGreaterThanOrEqual(BUDGET)
    expect(tokens).toBeLessThan(BUDGET + COST)
    for (const talk of talks) talk.close()
  })

  it('is counted exactly, over nodes and restarts, until the day ends', async () => {
    const budget = String(2 * usage.total_tokens)
    const { model, url, env, first, second } = await nodes.stage({ DAILY_TOKENS_GUEST: budget })
    const talk = await openTalk(first.url)
    await talk.end(await talk.say('one'))
    expect(await spentOf(url, talk)).toEqual([usage.total_tokens])
    const there = await openTalk(second.url, { userId: talk.userId })
    await there.end(await there.say('two'))
    expect(await spentOf(url, talk)).toEqual([2 * usage.total_tokens])
    for (const parley of [first, second]) await parley.close()

    const third = await nodes.node(url, env)
    const later = await openTalk(third.url, { userId: talk.userId })
    const payload = { sessionId: later.sessionId, content: 'three' }
    expect(isSpent(errorOf(await later.ask('chat:message', payload)))).toBe(true)
    await query(url, 'UPDATE "DailySpend" SET day = day - 1')
    expect(await later.end(await later.say('three'))).toMatchObject({ status: 'complete' })
    expect(await spentOf(url, talk)).toEqual([2 * usage.total_tokens, usage.total_tokens])
    expect(model.requests).toHaveLength(3)
  })
})

describeWithPostgres('what a person spends and no provider counts', (postgres) => {
  const nodes = useNodes(postgres)

  it('is estimated where the provider does not count, and where the person hangs up; a call that fails is free', async () => {
    const { model, url, first } = await nodes.stage()
    model.behave(counted(null))
    const talk = await openTalk(first.url)
    await talk.end(await talk.say('Tell me'))
    const estimate = (n: number, answer: string) => {
      const messages = model.requests[n]?.body.messages ?? []
      const tokens = (text: string) => Math.ceil(Buffer.byteLength(text) / 3)
      return messages.reduce((sum, { content }) => sum + 8 + tokens(String(content)), tokens(answer))
    }
    const whole = estimate(0, 'Counted.')
    expect(await spentOf(url, talk)).toEqual([whole])

    const half = await saidHalf(first, first, model, 'The half')
    await half.owner.ask('chat:stop', { sessionId: half.owner.sessionId, replyId: half.replyId })
    expect(await spentOf(url, half.owner)).toEqual([estimate(1, 'The half')])

    model.behave(chat('refuse', (exchange) => exchange.json(401, { error: { message: 'no key' } })))
    expect(await talk.end(await talk.say('Again'))).toMatchObject({ status: 'failed' })
    expect(await spentOf(url, talk)).toEqual([whole])
    expect(await held(url)).toEqual([])
  })

  it('[R4] of a dead owner is counted by who takes over, who ends the reply if nothing is left', async () => {
    const { model, url, line, first, second } = await nodes.stage({ DAILY_TOKENS_GUEST: String(BUDGET) })
    const { owner, replyId } = await saidHalf(first, second, model)
    const [hold] = await held(url)
    const reader = await openTalk(second.url, { userId: owner.userId })
    await query(
      url,
      `INSERT INTO "DailySpend" VALUES ('${owner.userId}', (now() AT TIME ZONE 'UTC')::date, ${BUDGET - 1})`,
    )
    line.cut()
    const end = await reader.end(replyId)
    expect(end).toMatchObject({ status: 'failed', error: 'RATE_LIMITED', content: 'The old half' })
    const dead = Number(hold?.promptTokens) + Math.ceil('The old half'.length / 3)
    expect(await spentOf(url, owner)).toEqual([BUDGET - 1 + dead])
    expect(await held(url)).toEqual([])
    expect(model.requests).toHaveLength(1)
    line.mend()
    for (const talk of [owner, reader]) talk.close()
  })
})

describeWithPostgres('what a guest spends', (postgres) => {
  const nodes = useNodes(postgres)

  it('goes with a guest who becomes an account, whose budget is another one', async () => {
    const more = {
      DAILY_TOKENS_GUEST: '10',
      DAILY_TOKENS_ACCOUNT: String(usage.total_tokens + 1),
      TRUST_CLIENT_USER_ID: '0',
    }
    const { model, url, first } = await nodes.stage(more)
    model.behave(echo())
    const guest = await signInGuest(first.url)
    const say = async (who: { readonly userId: string; readonly token: string }) => {
      const plain = await connectPlain(first.url)
      await must(plain, 'chat:auth', { userId: who.userId, token: who.token })
      const { session } = await must(plain, 'chat:join', { personaId: 'wren' })
      const answer = await plain.ask('chat:message', { sessionId: Object(session).id, content: 'Hello' })
      if (answer.ok) await plain.next('chat:response')
      plain.close()
      return answer
    }
    const refusal = {
      ok: false,
      error: { error: 'RATE_LIMITED', message: expect.stringContaining('used up') },
    }
    expect(await say(guest)).toMatchObject({ ok: true })
    expect(await say(guest)).toMatchObject(refusal)
    const account = await signUp(first.url, guest)
    expect(await spentOf(url, account)).toEqual([usage.total_tokens])
    expect(await spentOf(url, guest)).toEqual([])
    expect(await say(account)).toMatchObject({ ok: true })
    expect(await say(account)).toMatchObject(refusal)
    expect(await spentOf(url, account)).toEqual([2 * usage.total_tokens])
  })
})

/** Sockets of one person, each in a session of its own, in turn on either node. */
async function openMany(nodes: readonly Parley[], userId: string): Promise<Talk[]> {
  const talks: Talk[] = []
  for (let n = 0; n < SOCKETS; n++) {
    talks.push(await openTalk(nodes[n % nodes.length]?.url ?? '', { userId, fresh: true }))
  }
  return talks
}

/** Sends one message, and waits for the reply if it was taken. */
async function sayOnce(talk: Talk): Promise<'ok' | 'spent' | 'later'> {
  const answer = await talk.ask('chat:message', { sessionId: talk.sessionId, content: 'Hello' })
  if (!answer.ok) return isSpent(answer.error) ? 'spent' : 'later'
  const reply = answer.data.change.messages.find(({ sender }) => sender === 'ai')
  if (reply) await talk.end(reply.id)
  return 'ok'
}

async function query(url: string, sql: string) {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    return (await client.query(sql)).rows
  } finally {
    await client.end()
  }
}

/** What a person has spent, a number for each day. */
async function spentOf(url: string, { userId }: { readonly userId: string }): Promise<number[]> {
  const rows = await query(
    url,
    `SELECT tokens::int FROM "DailySpend" WHERE "userId" = '${userId}' ORDER BY day`,
  )
  return rows.map(({ tokens }) => tokens)
}

/** What is held for replies under way. */
function held(url: string) {
  return query(url, 'SELECT * FROM "SpendHold"')
}
