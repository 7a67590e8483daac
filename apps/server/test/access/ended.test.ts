import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Parley, startParley } from '../harness/parley.ts'
import { connectPlain, type PlainSocket } from '../harness/plain-socket.ts'
import { until } from '../replies/until.ts'
import { askAuth } from './account.ts'
import { type Guest, signInGuest } from './guest.ts'
import { must } from './opened.ts'
import { enterRaw } from './raw-socket.ts'
import { now, openSite, type Site } from './site.ts'

const REFUSED = { ok: false, error: { error: 'NOT_AUTHENTICATED' } }

let site: Site
let parley: Parley
const open: PlainSocket[] = []

beforeAll(async () => {
  site = await openSite()
  parley = await startParley({ env: site.env })
})
afterAll(async () => {
  for (const plain of open) plain.close()
  await parley.remove()
  site.close()
})

const connect = async (options: Parameters<typeof connectPlain>[1] = {}) => {
  const plain = await connectPlain(parley.url, options)
  open.push(plain)
  return plain
}
/** Opens a socket with a token of the site, and a session on it. */
const enter = async (token: string) => {
  const plain = await connect()
  await must(plain, 'chat:auth', { userId: 'ada', token })
  const { session } = await must(plain, 'chat:join', { personaId: 'oriel' })
  return { plain, sessionId: String(Object(session).id) }
}
/** Opens the socket again, as a line that was cut does, and gives the answer to what it says first. */
const again = async (plain: PlainSocket, first: string, payload: object) => {
  plain.socket.connect()
  await until(() => plain.socket.connected)
  return plain.ask(first, payload)
}
const signOut = ({ cookie }: Guest) => askAuth(parley.url, '/sign-out', { cookie })

describe('case f1: a token that runs out on an open socket', () => {
  it('[A1] refuses the next event, hears nothing more of its reply, is told and closed', async () => {
    const token = await site.token({ exp: now() + 5 })
    const { plain, sessionId } = await enter(token)
    const other = await enter(await site.token())
    await must(plain, 'chat:message', { sessionId, content: 'Tell me a long story' })
    await plain.next('chat:delta')
    const history = { sessionId }
    await until(
      async () => !plain.socket.connected || (await plain.ask('chat:history', history)).ok === false,
    )
    expect(await plain.next('chat:error')).toMatchObject({ error: 'NOT_AUTHENTICATED' })
    await until(() => !plain.socket.connected)
    const closedMs = Date.now() - 1_000 * Number(JSON.parse(atob(token.split('.')[1] ?? '')).exp)
    process.stdout.write(`closed ${closedMs} ms after the token ended\n`)
    // The same person elsewhere has another token, and goes on.
    expect(other.plain.socket.connected).toBe(true)
    expect(other.plain.frames.filter(({ event }) => event === 'chat:error')).toEqual([])
    await must(other.plain, 'chat:history', { sessionId: other.sessionId })
  })

  it('[A1] does not matter any more once a newer one was shown', async () => {
    const { plain, sessionId } = await enter(await site.token({ exp: now() + 4 }))
    const witness = await enter(await site.token({ exp: now() + 4, jti: 'witness' }))
    await must(plain, 'chat:auth', { userId: 'ada', token: await site.token() })
    await until(() => !witness.plain.socket.connected)
    await must(plain, 'chat:history', { sessionId })
    expect(plain.socket.connected).toBe(true)
  })

  it('[A1] that ended a moment ago opens nothing, however far clocks may differ', async () => {
    const plain = await connect()
    const token = await site.token({ exp: now() - 1 })
    expect(await plain.ask('chat:auth', { userId: 'ada', token })).toMatchObject(REFUSED)
  })
})

describe('case a5: a person who is revoked while disconnected', () => {
  it('[A1] is still refused when the line comes back, by token and by cookie', async () => {
    const guest = await signInGuest(parley.url)
    const byToken = await connect()
    await must(byToken, 'chat:auth', guest)
    const origin = 'http://localhost:3000'
    const byCookie = await connect({ extraHeaders: { cookie: guest.cookie, origin } })
    await must(byCookie, 'chat:auth', { userId: guest.userId })
    await must(byCookie, 'chat:join', { personaId: 'wren' })
    for (const plain of [byToken, byCookie]) plain.close()
    expect((await signOut(guest)).status).toBe(200)

    expect(await again(byToken, 'chat:join', { personaId: 'wren' })).toMatchObject(REFUSED)
    expect(await byToken.ask('chat:auth', guest)).toMatchObject(REFUSED)
    expect(await again(byCookie, 'chat:auth', { userId: guest.userId })).toMatchObject(REFUSED)
    expect(await byCookie.ask('chat:join', { personaId: 'wren' })).toMatchObject(REFUSED)
  })

  it('[C4] finds no recovery window: a socket that names an earlier one is a new one', async () => {
    const guest = await signInGuest(parley.url)
    const first = await connect()
    await must(first, 'chat:auth', guest)
    await must(first, 'chat:join', { personaId: 'wren' })
    first.socket.io.engine.close()
    await signOut(guest)
    const raw = await enterRaw(parley.url, { pid: 'made-up', offset: 'made-up' })
    const entered = await raw.frame((frame) => frame.startsWith('40/chat,'))
    // With recovery on, the server would name the socket a second, private time.
    expect(entered).not.toContain('"pid"')
    raw.ws.send('42/chat,1["chat:join",{"personaId":"wren"}]')
    expect(await raw.frame((frame) => frame.startsWith('43/chat,1'))).toContain('NOT_AUTHENTICATED')
    raw.ws.terminate()
  })
})
