import { describe, expect, it } from 'vitest'
import { resolveNames } from '../../src/chat/persona.ts'
import { builtInPersonas } from '../../src/personas/index.ts'
import { echo, say } from '../model-server/behaviour.ts'
import { cutAfter, hangAfter, refuse } from '../model-server/misbehaviour.ts'
import { insistOnAlternating } from '../model-server/strictness.ts'
import { useStage } from './stage.ts'
import type { Talk } from './talk.ts'

const wren = builtInPersonas.find(({ id }) => id === 'wren')
const names = { char: wren?.name ?? '', user: 'friend' }
const instructions = resolveNames(wren?.instructions ?? '', names)
const greeting = resolveNames(wren?.greeting ?? '', names)

const stage = useStage()

const asked = () => stage().model.requests.at(-1)?.body.messages ?? []

async function turn(talk: Talk, content: string): Promise<void> {
  await talk.end(await talk.say(content))
}

describe('[R1] what the model is asked', () => {
  it('the first turn: the instructions whole, the greeting, what was said', async () => {
    const talk = await stage().open()
    await turn(talk, 'Hello {{char}}')
    expect(asked()).toEqual([
      { role: 'system', content: instructions },
      { role: 'assistant', content: greeting },
      { role: 'user', content: 'Hello {{char}}' },
    ])
    expect(instructions).toContain('You are Wren Okafor')
    expect(instructions).not.toMatch(/\{\{/)
  })

  it('after 12 turns: the instructions and exactly the last 10 messages, oldest first', async () => {
    const { open } = stage()
    const talk = await open()
    for (let n = 1; n <= 13; n++) await turn(talk, `turn ${n}`)
    const said = [9, 10, 11, 12].flatMap((n) => [
      { role: 'user', content: `turn ${n}` },
      { role: 'assistant', content: `You said: turn ${n}` },
    ])
    expect(asked()).toEqual([
      { role: 'system', content: instructions },
      { role: 'assistant', content: 'You said: turn 8' },
      ...said,
      { role: 'user', content: 'turn 13' },
    ])
  })

  it('case h1: failed, stopped and empty replies between are accepted by a strict model', async () => {
    const { model, open } = stage()
    const talk = await open()
    model.behave(refuse(400))
    await turn(talk, 'one')
    model.behave(cutAfter('Half '))
    await turn(talk, 'two')
    model.behave(hangAfter('Stop'))
    const stopped = await talk.say('three')
    await talk.heard(stopped, 'Stop')
    await talk.ask('chat:stop', { sessionId: talk.sessionId, replyId: stopped })
    model.behave(insistOnAlternating(say('Fine.')))
    expect(await talk.end(await talk.say('four'))).toMatchObject({ status: 'complete', content: 'Fine.' })
    expect(asked().slice(1)).toEqual([
      { role: 'assistant', content: greeting },
      { role: 'user', content: 'one\n\ntwo' },
      { role: 'assistant', content: 'Half ' },
      { role: 'user', content: 'three' },
      { role: 'assistant', content: 'Stop' },
      { role: 'user', content: 'four' },
    ])
  })

  it('empty replies take no place among the last 10', async () => {
    const { model, open } = stage()
    const talk = await open()
    await turn(talk, 'remember me')
    model.behave(refuse(400))
    for (let n = 1; n <= 7; n++) await turn(talk, `lost ${n}`)
    model.behave(echo())
    await turn(talk, 'and now?')
    expect(asked()[1]).toEqual({
      role: 'user',
      content: 'remember me',
    })
  })

  it('case h2: after a reply that fills the budget, the instructions and the newest message are whole', async () => {
    const { model, open } = stage()
    const talk = await open()
    model.behave(say('y'.repeat(47_000), { chunks: 10 }))
    await turn(talk, 'Write a book')
    model.behave(echo())
    await turn(talk, 'Thank you')
    await turn(talk, 'z'.repeat(8_000))
    const messages = asked()
    expect(messages[0]).toEqual({ role: 'system', content: instructions })
    expect(messages.at(-1)).toEqual({ role: 'user', content: 'z'.repeat(8_000) })
    expect(messages.slice(1, -1).map(({ content }) => content)).toEqual(['Thank you', 'You said: Thank you'])
    const total = messages.reduce((sum, { content }) => sum + content.length, 0)
    expect(total).toBeLessThanOrEqual(48_000)
  })
})

describe('[R1] CONTEXT_MESSAGES', () => {
  const small = useStage({ CONTEXT_MESSAGES: '3' })

  it('says how many, the newest included', async () => {
    const { model, open } = small()
    const talk = await open()
    for (const word of ['one', 'two', 'three']) await turn(talk, word)
    expect(model.requests.at(-1)?.body.messages.map(({ content }) => content)).toEqual([
      instructions,
      'two',
      'You said: two',
      'three',
    ])
  })
})
