import { describe, expect, it } from 'vitest'
import { type AiConfig, createAi } from '../../src/ai/create.ts'
import { refuse } from '../model-server/misbehaviour.ts'
import { startModelServer } from '../model-server/server.ts'
import { listenTo, recordingClock, recordingLog, SECRET } from './parts.ts'

const nothing: AiConfig = { apiKey: null, baseUrl: null, model: 'test', moderation: 'auto' }
const parts = { log: recordingLog().log, clock: recordingClock().clock }
const choose = (changes: Partial<AiConfig>) => createAi({ ...nothing, ...changes }, parts)

describe('which model and which moderation', () => {
  it.each<[Partial<AiConfig>, string, string]>([
    [{}, 'demo script', 'local word list'],
    [{ apiKey: 'k' }, 'test at api.openai.com', 'omni-moderation-latest at api.openai.com'],
    [
      { apiKey: 'k', baseUrl: 'https://api.openai.com/v1' },
      'test at api.openai.com',
      'omni-moderation-latest at api.openai.com',
    ],
    [{ apiKey: 'k', baseUrl: 'https://openrouter.ai/api/v1' }, 'test at openrouter.ai', 'local word list'],
    [{ baseUrl: 'http://localhost:11434/v1' }, 'test at localhost:11434', 'local word list'],
    [
      { baseUrl: 'http://localhost:8000/v1', moderation: 'openai' },
      'test at localhost:8000',
      'omni-moderation-latest at localhost:8000',
    ],
    [{ apiKey: 'k', moderation: 'local' }, 'test at api.openai.com', 'local word list'],
    [{ apiKey: 'k', moderation: 'off' }, 'test at api.openai.com', 'off'],
    [{ baseUrl: `http://user:${SECRET}@localhost/v1` }, 'test at localhost', 'local word list'],
    [
      { baseUrl: 'https://api.openai.com.evil.example/v1', apiKey: 'k' },
      'test at api.openai.com.evil.example',
      'local word list',
    ],
  ])('%j: %s, %s', (changes, model, moderator) => {
    const ai = choose(changes)
    expect(ai.model.name).toBe(model)
    expect(ai.model.demo).toBe(model === 'demo script')
    expect(ai.moderator.name).toBe(moderator)
  })

  it('moderation that is off lets everything pass', async () => {
    const { moderator } = choose({ moderation: 'off' })
    expect(await moderator.check('fuck', new AbortController().signal)).toEqual({ flagged: false })
  })

  it('moderation by a provider without a provider stops the start, naming the variables', () => {
    expect(() => choose({ moderation: 'openai' })).toThrow(/MODERATION.*OPENAI_API_KEY.*OPENAI_BASE_URL/)
  })

  it('a configured model that fails is a fault; no script takes its place', async () => {
    const server = await startModelServer()
    server.behave(refuse(404))
    const reply = await listenTo(choose({ baseUrl: server.url }).model)
    await server.close()
    expect(reply).toMatchObject({ pieces: [], end: null, fault: { code: 'AI_UNAVAILABLE' } })
  })
})
