import { createServer } from 'node:net'
import { describe, expect, it } from 'vitest'
import { say } from '../model-server/behaviour.ts'
import { cutAfter, refuse, rejectKey } from '../model-server/misbehaviour.ts'
import { listenTo, SECRET } from './parts.ts'
import { setStage } from './stage.ts'

describe('a refusal that may pass', () => {
  it.each([408, 409, 429, 500, 502, 503, 504])('status %i is tried again until it passes', async (status) => {
    const { server, lines, newModel } = await setStage()
    server.behave(refuse(status), 2)
    server.behave(say('Here.'))
    expect(await listenTo(newModel())).toMatchObject({ text: 'Here.', end: { reason: 'stop' } })
    expect(server.requests).toHaveLength(3)
    expect(lines.filter((line) => line.startsWith('warn '))).toHaveLength(2)
  })

  it('gives up after two retries', async () => {
    const { server, newModel } = await setStage()
    server.behave(refuse(500))
    expect(await listenTo(newModel())).toMatchObject({ pieces: [], fault: { code: 'AI_UNAVAILABLE' } })
    expect(server.requests).toHaveLength(3)
  })

  it.each([
    ['retry-after-ms', '7', 7],
    ['retry-after', '0.0085', 9],
    ['retry-after', 'Thu, 01 Jan 1970 00:00:00 GMT', 0],
  ])('waits as long as %s: %s says', async (header, value, waitMs) => {
    const { server, waits, newModel } = await setStage()
    server.behave(refuse(429, { [header]: value }), 1)
    expect(await listenTo(newModel())).toMatchObject({ end: { reason: 'stop' } })
    expect(waits[0]).toBe(waitMs)
    expect(server.requests).toHaveLength(2)
  })

  it('does not wait for a provider that wants a minute; the fault says how long', async () => {
    const { server, newModel } = await setStage()
    server.behave(refuse(429, { 'retry-after': '60' }))
    expect(await listenTo(newModel())).toMatchObject({
      fault: { code: 'AI_UNAVAILABLE', retryAfterMs: 60_000 },
    })
    expect(server.requests).toHaveLength(1)
  })

  it.each([
    ['Infinity', 86_400_000],
    ['1e300', 86_400_000],
    ['86400.0001', 86_400_000],
    ['61.0001', 61_001],
  ])('[C1] a wait of %s is told in whole milliseconds that fit the wire', async (value, retryAfterMs) => {
    const { server, newModel } = await setStage()
    server.behave(refuse(429, { 'retry-after': value }))
    expect(await listenTo(newModel())).toMatchObject({ fault: { retryAfterMs } })
  })

  it('does not hope for an empty account to fill', async () => {
    const { server, lines, newModel } = await setStage()
    server.behave(refuse(429, {}, 'insufficient_quota'))
    expect(await listenTo(newModel())).toMatchObject({ fault: { code: 'AI_UNAVAILABLE' } })
    expect(server.requests).toHaveLength(1)
    expect(lines).toEqual([expect.stringMatching(/^error .*insufficient_quota/)])
  })

  it('the pauses grow with every try, by chance in between', async () => {
    const { server, waits, newModel } = await setStage()
    server.behave(refuse(500))
    await listenTo(newModel({ limits: { retryBaseMs: 10, retries: 3 } }))
    const bounds = [10, 20, 40]
    expect(waits).toHaveLength(3)
    for (const [i, waitMs] of waits.entries()) {
      expect(waitMs).toBeGreaterThanOrEqual((bounds[i] ?? 0) / 2)
      expect(waitMs).toBeLessThanOrEqual(bounds[i] ?? 0)
    }
  })

  it('a line cut before any text is tried again, one cut after text never', async () => {
    const { server, newModel } = await setStage()
    server.behave(cutAfter(), 1)
    server.behave(cutAfter('Half'), 1)
    expect(await listenTo(newModel())).toMatchObject({ text: 'Half', end: null, fault: null })
    expect(server.requests).toHaveLength(2)
  })
})

describe('a refusal that stays', () => {
  it('case f6: a 401 that echoes the key is one generic fault; the log has status and request id', async () => {
    const { server, lines, newModel } = await setStage()
    server.behave(rejectKey())
    const reply = await listenTo(newModel())
    expect(reply).toMatchObject({ pieces: [], end: null, fault: { code: 'AI_UNAVAILABLE' } })
    expect(`${reply.fault?.message} ${reply.fault?.stack}`).not.toContain(SECRET)
    expect(server.requests).toHaveLength(1)
    expect(lines).toHaveLength(1)
    expect(lines[0]).toMatch(/^error .*"status":401.*"requestId":"req_test".*"code":"invalid_api_key"/)
    expect(lines[0]).not.toContain('Incorrect API key')
  })

  it.each([400, 403, 404, 422])(
    'status %i is one fault, told to the operator without its text',
    async (status) => {
      const { server, lines, newModel } = await setStage()
      server.behave(refuse(status))
      expect(await listenTo(newModel())).toMatchObject({ fault: { code: 'AI_UNAVAILABLE' } })
      expect(server.requests).toHaveLength(1)
      expect(lines).toHaveLength(1)
      expect(lines[0]).toMatch(new RegExp(`^error .*"status":${status}`))
      expect(lines[0]).not.toContain('Hello?')
    },
  )

  it('a request id or code that is the key is not logged', async () => {
    const { server, newModel } = await setStage()
    server.behave(refuse(401, { 'x-request-id': SECRET }, SECRET))
    expect(await listenTo(newModel())).toMatchObject({ fault: { code: 'AI_UNAVAILABLE' } })
  })
})

describe('a server that cannot be reached', () => {
  it('a closed port is AI_UNAVAILABLE after the retries, with the reason for the operator', async () => {
    const { lines, newModel } = await setStage()
    const reply = await listenTo(newModel({ baseUrl: `http://127.0.0.1:${await closedPort()}/v1` }))
    expect(reply).toMatchObject({ pieces: [], end: null, fault: { code: 'AI_UNAVAILABLE' } })
    expect(lines).toHaveLength(3)
    expect(lines[2]).toContain('ECONNREFUSED')
  })

  it('case f6: a name that nobody knows is AI_UNAVAILABLE', async () => {
    const { newModel } = await setStage()
    const reply = await listenTo(newModel({ baseUrl: 'http://parley.invalid/v1', limits: { retries: 0 } }))
    expect(reply).toMatchObject({ end: null, fault: { code: 'AI_UNAVAILABLE' } })
    expect(reply.fault?.message).not.toContain('parley.invalid')
  })

  it('an address where something else answers gives no text and no end, and a warning', async () => {
    const { server, lines, newModel } = await setStage()
    server.behave({ name: 'page', route: 'chat', answer: ({ json }) => json(200, '<html></html>') })
    expect(await listenTo(newModel())).toMatchObject({ pieces: [], end: null })
    expect(lines).toEqual([expect.stringMatching(/^warn /)])
  })
})

/** A port that was free a moment ago. */
function closedPort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() =>
        typeof address === 'object' && address ? resolve(address.port) : reject(new Error('no port')),
      )
    })
  })
}

describe('a provider that says when to come back', () => {
  it('reads a date as a time from now', async () => {
    const { server, newModel } = await setStage()
    server.behave(refuse(429, { 'retry-after': new Date(Date.now() + 60_000).toUTCString() }))
    const { fault } = await listenTo(newModel())
    expect(fault?.retryAfterMs).toBeGreaterThan(0)
    expect(fault?.retryAfterMs).toBeLessThanOrEqual(60_000)
  })
})
