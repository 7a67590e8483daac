import { describe, expect, it } from 'vitest'
import { moderate } from '../model-server/strictness.ts'
import { SECRET } from './parts.ts'
import { setStage } from './stage.ts'

const signal = new AbortController().signal

describe('moderation by the provider', () => {
  it.each([
    ['pass', false],
    ['flag', true],
  ] as const)('%s is told as flagged: %s', async (outcome, flagged) => {
    const { server, newModerator } = await setStage()
    server.behave(moderate(outcome))
    expect(await newModerator().check('Some text', signal)).toEqual({ flagged })
    expect(server.requests[0]?.path).toBe('/v1/moderations')
    expect(server.requests[0]?.body).toMatchObject({ model: 'omni-moderation-latest', input: 'Some text' })
  })

  it.each([
    ['malformed', 1],
    ['no json', 1],
    [401, 1],
    [429, 3],
    [500, 3],
  ] as const)('case g1: %s is a fault and never a pass, after %i request(s)', async (outcome, requests) => {
    const { server, lines, newModerator } = await setStage()
    server.behave(moderate(outcome))
    await expect(newModerator().check('Some text', signal)).rejects.toMatchObject({
      name: 'ModelFault',
      code: 'AI_UNAVAILABLE',
    })
    expect(server.requests).toHaveLength(requests)
    expect(lines.join()).not.toContain('Some text')
    expect(lines.length).toBeGreaterThan(0)
  })

  it('case g1: a moderator that answers at the second try decides', async () => {
    const { server, newModerator } = await setStage()
    server.behave(moderate(503), 1)
    server.behave(moderate('flag'))
    expect(await newModerator().check('Some text', signal)).toEqual({ flagged: true })
  })

  it('case g1: no answer in time is a fault, and no connection stays behind', async () => {
    const { server, newModerator } = await setStage()
    server.behave(moderate('hang'))
    const moderator = newModerator({ limits: { moderationTimeoutMs: 30 } })
    await expect(moderator.check('Some text', signal)).rejects.toMatchObject({ code: 'AI_UNAVAILABLE' })
    expect(server.requests).toHaveLength(3)
    await Promise.all(server.requests.map((request) => request.connectionClosed))
  })

  it('an abort closes the connection and decides nothing', async () => {
    const { server, newModerator } = await setStage()
    server.behave(moderate('hang'))
    const stop = new AbortController()
    const check = newModerator().check('Some text', stop.signal)
    const outcome = expect(check).rejects.toMatchObject({ code: 'AI_UNAVAILABLE' })
    await expect.poll(() => server.requests.length).toBe(1)
    stop.abort()
    await outcome
    await server.requests[0]?.connectionClosed
    expect(server.requests).toHaveLength(1)
  })

  it('case f6: a 401 that echoes the key leaves no trace of it', async () => {
    const { server, newModerator } = await setStage()
    server.behave({
      name: 'echo',
      route: 'moderation',
      answer: ({ json }) => json(401, { error: { message: `bad key ${SECRET}` } }),
    })
    const fault = await newModerator()
      .check('Some text', signal)
      .catch((error: unknown) => error)
    expect(String(fault)).not.toContain(SECRET)
  })
})
