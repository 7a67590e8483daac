import { cleanText, isBlank } from '@parley/protocol'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { hangAfter } from '../model-server/misbehaviour.ts'
import { sayPieces } from './by-hand.ts'
import { useStage } from './stage.ts'
import { cutAt, textAndCuts } from './texts.ts'

const stage = useStage()

describe('[R2] deltas', () => {
  it('the first piece goes out at once, while the model says nothing more', async () => {
    const { model, open } = stage()
    const talk = await open()
    model.behave(hangAfter('Well'))
    const replyId = await talk.say('Hello?')
    await talk.heard(replyId, 'Well')
    expect(talk.deltas(replyId)).toEqual([
      { sessionId: talk.sessionId, replyId, epoch: 1, offset: 0, text: 'Well', start: true },
    ])
    await talk.ask('chat:stop', { sessionId: talk.sessionId, replyId })
  })

  it('only the first says start, offsets are contiguous, and few carry many pieces', async () => {
    const { model, open } = stage()
    const [talk, other] = [await open({ userId: 'r2' }), await open({ userId: 'r2' })]
    const pieces = Array.from({ length: 300 }, (_, index) => `${index} 😀 `)
    model.behave(sayPieces(pieces, 1))
    const replyId = await talk.say('Count')
    const { content } = await talk.end(replyId)
    await other.end(replyId)
    const deltas = talk.deltas(replyId)
    expect(deltas.map(({ start }) => start)).toEqual([true, ...deltas.slice(1).map(() => undefined)])
    let held = 0
    for (const { offset, text } of deltas) {
      expect(offset).toBe(held)
      held += text.length
    }
    expect(content).toBe(pieces.join(''))
    expect(talk.text(replyId)).toBe(content)
    expect(other.deltas(replyId)).toEqual(deltas)
    expect(deltas.length).toBeLessThan(pieces.length / 3)
  })

  it('cases b4, c1, c2: however the model cuts its text, no delta holds half a character', async () => {
    const { model, open } = stage()
    const talk = await open()
    await fc.assert(
      fc.asyncProperty(textAndCuts, async ({ text, cuts }) => {
        const expected = cleanText(text)
        fc.pre(!isBlank(expected))
        model.behave(sayPieces(cutAt(text, cuts)))
        const replyId = await talk.say('Say it')
        const response = await talk.end(replyId)
        expect(response).toMatchObject({ status: 'complete', content: expected })
        for (const delta of talk.deltas(replyId)) expect(delta.text.isWellFormed()).toBe(true)
        expect(talk.text(replyId)).toBe(expected)
        expect((await talk.rows()).at(-1)).toMatchObject({ id: replyId, content: expected })
      }),
      { numRuns: 40 },
    )
  })
})
