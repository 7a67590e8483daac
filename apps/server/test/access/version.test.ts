import { WireError } from '@parley/protocol'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Parley, startParley } from '../harness/parley.ts'
import { connectPlain } from '../harness/plain-socket.ts'

describe('[C3] the version of the protocol in the handshake', () => {
  let parley: Parley

  beforeAll(async () => {
    parley = await startParley({ env: { TRUST_CLIENT_USER_ID: '1' } })
  })
  afterAll(() => parley.remove())

  it.each([
    ['none', {}],
    ['version 1', { auth: { protocol: 1 } }],
    ['other fields beside it', { auth: { protocol: 1, token: 'x', page: 'y' } }],
  ])('%s works', async (_name, options) => {
    const plain = await connectPlain(parley.url, options)
    expect(await plain.ask('chat:auth', { userId: 'someone' })).toMatchObject({ ok: true })
    plain.close()
  })

  it.each([2, 0, -1, 1.5, '1', 'one', null, {}, [], true, 1e300])(
    'version %j is refused with PROTOCOL_MISMATCH as a whole error of the contract',
    async (protocol) => {
      const refusal = await connectPlain(parley.url, { auth: { protocol } }).catch((cause: unknown) => cause)
      expect(refusal).toBeInstanceOf(Error)
      expect(refusal).toMatchObject({ message: 'PROTOCOL_MISMATCH', data: { error: 'PROTOCOL_MISMATCH' } })
      const data = refusal instanceof Error && 'data' in refusal ? refusal.data : undefined
      expect(WireError.strict().safeParse(data).success).toBe(true)
    },
  )
})
