import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { builtInPersonas } from '../../src/personas/index.ts'
import { type Parley, startParley } from '../harness/parley.ts'
import { rejectKey } from '../model-server/misbehaviour.ts'
import { useStage } from './stage.ts'
import { openTalk } from './talk.ts'

const lines = builtInPersonas.flatMap(({ script }) => [
  ...script.otherwise,
  ...script.answers.map(({ text }) => text),
])

describe('without a key', () => {
  let parley: Parley
  beforeAll(async () => {
    parley = await startParley({ env: { TRUST_CLIENT_USER_ID: '1' } })
  })
  afterAll(() => parley.remove())

  it('a persona speaks a line of its own script, word by word, marked as a demo', async () => {
    const talk = await openTalk(parley.url, { personaId: 'oriel' })
    const replyId = await talk.say('Hello?')
    const waiting = (await talk.rows()).at(-1)
    expect(waiting).toMatchObject({ id: replyId, status: 'live', demo: true })
    const end = await talk.end(replyId)
    expect(end).toMatchObject({ status: 'complete', finishReason: 'stop', demo: true })
    expect(lines).toContain(end.content)
    expect(talk.deltas(replyId).length).toBeGreaterThan(3)
    expect(talk.text(replyId)).toBe(end.content)
    expect((await talk.rows()).map(({ demo }) => demo)).toEqual([false, false, true])
    talk.close()
  })
})

describe('with a model that fails', () => {
  const stage = useStage()

  it('no script takes its place: the reply fails, and is no demo', async () => {
    const { model, open } = stage()
    model.behave(rejectKey())
    const talk = await open()
    const end = await talk.end(await talk.say('Hello?'))
    expect(end).toMatchObject({ status: 'failed', error: 'AI_UNAVAILABLE', content: '', demo: false })
  })
})
