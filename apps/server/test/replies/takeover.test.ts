import { limits } from '@parley/protocol'
import { expect, it } from 'vitest'
import { cutAfter } from '../model-server/misbehaviour.ts'
import { named, openClient } from '../process/people.ts'
import { describeWithPostgres, describeWithRedis } from '../services/describe-with.ts'
import { idle, saidHalf, saved, useNodes } from './nodes.ts'
import { openTalk } from './talk.ts'
import { until } from './until.ts'

describeWithPostgres('[R4] a reply whose owner loses the database', (postgres) => {
  const nodes = useNodes(postgres)

  it('is finished by another node; the first is fenced, tells nothing more and leaves the model', async () => {
    const { model, line, first, second } = await nodes.stage()
    const { hand, owner, replyId, answer } = await saidHalf(first, second, model)
    const client = await openClient(second.url, named(owner.userId)).join({ personaId: 'wren' })
    expect(client.state.get().live.get(replyId)).toMatchObject({ epoch: 1, text: 'The old half' })
    line.cut()
    answer.say(', never saved')
    const again = await hand.next()
    // What was saved stays in sight until there is new text; then nothing of it is left.
    expect(client.state.get().live.get(replyId)).toMatchObject({ text: 'The old half' })
    const late = await openTalk(second.url, { userId: owner.userId })
    expect(late.joined.live).toMatchObject({ epoch: 1, text: 'The old half' })
    again.say('A new ')
    await until(() => client.state.get().live.get(replyId)?.text === 'A new ')
    line.mend()
    await until(() => first.logged.some(({ fields }) => 'outcome' in fields && fields.outcome === 'lost'))
    expect(await answer.request.ended).toBe('left')
    again.say('beginning.')
    again.finish()
    expect(await late.end(replyId)).toMatchObject({ status: 'complete', content: 'A new beginning.' })
    await until(() => client.state.get().messages.at(-1)?.content === 'A new beginning.')
    expect(late.text(replyId)).toBe('A new beginning.')
    expect(late.responses()).toHaveLength(1)
    expect(owner.responses()).toEqual([])
    expect((await owner.rows()).at(-1)).toMatchObject({ id: replyId, content: 'A new beginning.' })
    expect(model.requests).toHaveLength(2)
    for (const talk of [late, owner]) talk.close()
  })

  it('[R3] is continued by a model that can: the saved text and the rest, and nothing between', async () => {
    const { model, url, env, line, first, second } = await nodes.stage({ OPENAI_CONTINUE_PREFIX: '1' })
    const reader = await nodes.node(url, env, idle)
    const { hand, owner, replyId, answer } = await saidHalf(first, second, model, 'Half 🦉 ')
    const client = await openClient(second.url, named(owner.userId)).join({ personaId: 'wren' })
    line.cut()
    answer.say('never saved')
    const again = await hand.next()
    const { messages } = again.request.body
    expect(messages.slice(-2)).toEqual([
      { role: 'user', content: 'Tell me' },
      { role: 'assistant', content: 'Half 🦉 ' },
    ])
    const late = await openTalk(second.url, { userId: owner.userId })
    expect(late.joined.live).toEqual({ replyId, epoch: 2, text: 'Half 🦉 ' })
    again.say('and ')
    // The database has the beginning too: a node that does not write it shows the same.
    await saved(reader, owner, 'Half 🦉 and ')
    again.say('half.')
    again.finish()
    expect(await late.end(replyId)).toMatchObject({ status: 'complete', content: 'Half 🦉 and half.' })
    const [start] = late.deltas(replyId)
    expect(start).toMatchObject({ epoch: 2, offset: 'Half 🦉 '.length, start: true })
    expect(late.text(replyId, 'Half 🦉 ')).toBe('Half 🦉 and half.')
    await until(() => client.state.get().messages.at(-1)?.content === 'Half 🦉 and half.')
    for (const talk of [late, owner]) talk.close()
  })
})

describeWithPostgres('[R4] a reply whose owner lost the database', (postgres) => {
  const nodes = useNodes(postgres)

  it('[R6] ends stopped, with its text, where somebody asks for that meanwhile', async () => {
    const { model, line, first, second } = await nodes.stage()
    const { owner, replyId } = await saidHalf(first, second, model)
    line.cut()
    const other = await openTalk(second.url, { userId: owner.userId })
    const stopped = await other.ask('chat:stop', { sessionId: owner.sessionId, replyId })
    expect(stopped).toMatchObject({ ok: true, data: { status: 'stopped', content: 'The old half' } })
    expect(model.requests).toHaveLength(1)
    for (const talk of [other, owner]) talk.close()
  })

  it('keeps its text when the next attempt fails before its first word', async () => {
    const { model, line, first, second } = await nodes.stage()
    const { owner, replyId } = await saidHalf(first, second, model)
    model.behave(cutAfter())
    line.cut()
    const other = await openTalk(second.url, { userId: owner.userId })
    const end = await other.end(replyId)
    expect(end).toMatchObject({ status: 'failed', error: 'AI_UNAVAILABLE', content: 'The old half' })
    for (const talk of [other, owner]) talk.close()
  })

  describeWithRedis('and the nodes share a broker', (redis) => {
    it('[R2] goes on at the sockets of every node, by the client as well', async () => {
      const { model, line, first, second } = await nodes.stage({ REDIS_URL: redis.url })
      const { hand, owner, replyId } = await saidHalf(first, second, model)
      const client = await openClient(first.url, named(owner.userId)).join({ personaId: 'wren' })
      line.cut()
      const again = await hand.next()
      again.say('A new ')
      await until(() => client.state.get().live.get(replyId)?.text === 'A new ')
      again.say('beginning.')
      again.finish()
      await until(() => client.state.get().messages.at(-1)?.content === 'A new beginning.')
      expect(await owner.end(replyId)).toMatchObject({ status: 'complete', content: 'A new beginning.' })
      expect(owner.responses()).toHaveLength(1)
      owner.close()
    })
  })
})

describeWithPostgres('[R4] a reply whose owner ends it without the database', (postgres) => {
  const nodes = useNodes(postgres)

  it('is finished by another node; the end that it saves late is refused, and nobody hears of it', async () => {
    const { model, line, first, second } = await nodes.stage()
    const { hand, owner, replyId, answer } = await saidHalf(first, second, model)
    line.cut()
    answer.say(', ended and never saved.')
    answer.finish()
    const again = await hand.next()
    line.mend()
    await until(() => first.logged.some(({ message }) => message === 'reply was taken over'))
    const late = await openTalk(second.url, { userId: owner.userId })
    again.say('A new end.')
    again.finish()
    expect(await late.end(replyId)).toMatchObject({ status: 'complete', content: 'A new end.' })
    expect((await owner.rows()).at(-1)).toMatchObject({ status: 'complete', content: 'A new end.' })
    expect(owner.responses()).toEqual([])
    for (const talk of [late, owner]) talk.close()
  })
})

describeWithPostgres('[R4] a reply whose owners lose the database again and again', (postgres) => {
  const nodes = useNodes(postgres)

  it('is begun a bounded number of times; then it is failed and keeps its text', async () => {
    const { model, url, env, line, first, second } = await nodes.stage({}, idle)
    const { hand, owner, replyId } = await saidHalf(first, second, model)
    line.cut()
    for (let attempt = 2; attempt <= limits.replyAttempts; attempt++) {
      const own = await nodes.ownLine(url)
      await nodes.node(own.url, env)
      const answer = await hand.next()
      answer.say(`attempt ${attempt}`)
      await saved(second, owner, `attempt ${attempt}`)
      own.cut()
    }
    const last = await nodes.node(url, env)
    const other = await openTalk(last.url, { userId: owner.userId })
    const row = async () => (await other.rows()).find(({ id }) => id === replyId)
    await until(async () => (await row())?.status !== 'live')
    expect(await row()).toMatchObject({
      status: 'failed',
      error: 'INTERNAL',
      content: `attempt ${limits.replyAttempts}`,
    })
    expect(model.requests).toHaveLength(limits.replyAttempts)
    for (const talk of [other, owner]) talk.close()
  })

  it('is renewed by its owner when the database is back, although the lease ran out meanwhile', async () => {
    const { model, second, url, env } = await nodes.stage({}, idle)
    const own = await nodes.ownLine(url)
    const lonely = await nodes.node(own.url, env)
    const { owner, replyId, answer } = await saidHalf(lonely, second, model)
    // Nobody reaches the database for longer than a lease; then the owner comes back among the others.
    own.cut()
    answer.say(', and on')
    await until(() => lonely.logged.filter(({ message }) => message === 'recovery has to wait').length > 12)
    own.mend()
    await saved(second, owner, 'The old half, and on')
    answer.say('.')
    answer.finish()
    expect(await owner.end(replyId)).toMatchObject({ status: 'complete', content: 'The old half, and on.' })
    expect(lonely.logged.filter(({ message }) => message === 'reply taken over')).toEqual([])
    owner.close()
  })
})
