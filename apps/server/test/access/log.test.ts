import { once } from 'node:events'
import { PassThrough } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { createLog } from '../../src/log.ts'
import { startParley } from '../harness/parley.ts'

const CANARY = 'canary-7fd1'

/** An error as Prisma makes it when a row breaks a rule of its table: the row's text hangs on it. */
function rowError(): Error {
  const inner = Object.assign(new Error('new row violates a check'), { code: '23514', detail: CANARY })
  return Object.assign(new Error('Raw query failed', { cause: inner }), {
    code: 'P2010',
    meta: { message: `Failing row contains (1, ${CANARY})` },
    request: { headers: { authorization: CANARY } },
  })
}

describe('the log', () => {
  for (const production of [true, false]) {
    it(`tells what broke and where, but nothing that hangs on an error (production: ${production})`, async () => {
      const output = new PassThrough()
      createLog(production, 'info', output).error({ requestId: 'r-1', err: rowError() }, 'INTERNAL')
      const [written] = await once(output, 'data')
      const text = String(written)
      for (const told of ['r-1', 'INTERNAL', 'P2010', '23514', 'Raw query failed', 'log.test.ts']) {
        expect(text).toContain(told)
      }
      expect(text).not.toContain(CANARY)
    })
  }
})

describe('the log, whatever it is given', () => {
  it.each([true, false])('never writes what a credential is made of (production: %s)', async (production) => {
    const output = new PassThrough()
    const names = ['authorization', 'cookie', 'password', 'token', 'set-cookie', 'set-auth-token', 'apiKey']
    const secrets = Object.fromEntries(names.map((name) => [name, CANARY]))
    const request = { method: 'POST', headers: secrets, body: secrets }
    createLog(production, 'info', output).warn({ ...secrets, request, user: secrets }, 'something odd')
    const [written] = await once(output, 'data')
    expect(String(written)).toContain('POST')
    expect(String(written)).not.toContain(CANARY)
  })
})

describe('a large body for the auth routes', () => {
  it('is refused before it is read, also when its length is not said', async () => {
    const parley = await startParley()
    const post = (body: string | ReadableStream, more: object = {}) =>
      fetch(`${parley.url}/api/auth/sign-in/anonymous`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body,
        ...more,
      })
    expect((await post(JSON.stringify({ padding: 'x'.repeat(70_000) }))).status).toBe(413)
    const endless = new ReadableStream({ pull: (controller) => controller.enqueue(Buffer.from('x')) })
    expect((await post(endless, { duplex: 'half' })).status).toBe(413)
    expect((await post('{}')).status).toBe(200)
    await parley.remove()
  })
})
