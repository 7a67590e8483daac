import { isRetryable } from '@parley/protocol'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type Parley, startParley } from '../harness/parley.ts'
import { type ModelServer, startModelServer } from '../model-server/server.ts'
import { describeWithPostgres } from '../services/describe-with.ts'
import { type PostgresServer, startPostgres } from '../services/postgres.ts'
import { byHand } from './by-hand.ts'
import { modelEnv } from './stage.ts'
import { dataOf, errorOf, openTalk, replyIdOf, rowOf } from './talk.ts'
import { until } from './until.ts'

describeWithPostgres('case e1: [R5] the database is lost in the middle of a reply', () => {
  let postgres: PostgresServer
  let model: ModelServer
  let parley: Parley

  beforeAll(async () => {
    postgres = await startPostgres()
    model = await startModelServer()
    const url = await postgres.createDatabase()
    parley = await startParley({ env: { ...modelEnv(model), DATABASE_URL: url } })
  })
  afterAll(async () => {
    await model.close()
    await parley.remove()
    await postgres.stop()
  })

  it.for(['kill9', 'shutDown'] as const)(
    'by %s: the reply goes on, sends fail retryably, and its end is saved and told when it is back',
    async (how) => {
      const hand = byHand()
      model.behave(hand.behaviour)
      const talk = await openTalk(parley.url)
      const { sessionId } = talk
      const replyId = await talk.say('Tell me')
      const answer = await hand.next()
      answer.say('Once upon ')
      await talk.heard(replyId, 'Once upon ')
      await postgres[how]()

      answer.say('a time.')
      await talk.heard(replyId, 'Once upon a time.')
      const message = { sessionId, content: 'And then?', clientMessageId: `later-${how}` }
      const failure = errorOf(await talk.ask('chat:message', message))
      expect(failure).toMatchObject({
        error: 'STORAGE_UNAVAILABLE',
        clientMessageId: message.clientMessageId,
      })
      expect(isRetryable(failure.error)).toBe(true)
      expect(failure.retryAfterMs).toBeGreaterThan(0)
      expect(errorOf(await talk.ask('chat:history', { sessionId })).error).toBe('STORAGE_UNAVAILABLE')
      const ready = await fetch(`${parley.url}/readyz`)
      expect(ready.status).toBe(503)

      answer.finish()
      // Nothing is told that is not saved.
      await until(() => parley.logged.some((line) => line.message === 'reply could not be saved'))
      expect(talk.responses()).toEqual([])

      await postgres.start()
      const end = await talk.end(replyId)
      expect(end).toMatchObject({ status: 'complete', content: 'Once upon a time.' })
      expect(talk.text(replyId)).toBe(end.content)
      expect((await talk.rows()).at(-1)).toEqual(rowOf(end))

      const sent = dataOf(await talk.ask('chat:message', message))
      expect(sent.duplicate).toBe(false)
      const next = await hand.next()
      next.say('The end.')
      next.finish()
      expect(await talk.end(replyIdOf(sent))).toMatchObject({ status: 'complete', content: 'The end.' })
      expect(talk.responses()).toHaveLength(2)
      talk.close()
    },
  )
})
