import { PersonExport, SignInWays } from '@parley/protocol'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Parley, startParley } from '../harness/parley.ts'
import { connectPlain, type PlainSocket } from '../harness/plain-socket.ts'
import { type Account, askAuth, signIn, signUp } from './account.ts'
import { type Guest, signInGuest } from './guest.ts'
import { must } from './opened.ts'

let parley: Parley
const open: PlainSocket[] = []

beforeAll(async () => {
  parley = await startParley({ env: { ADDRESS_LIMIT_FACTOR: '100' } })
})
afterAll(async () => {
  for (const plain of open) plain.close()
  await parley.remove()
})

const enter = async (who: Guest) => {
  const plain = await connectPlain(parley.url)
  open.push(plain)
  await must(plain, 'chat:auth', { userId: who.userId, token: who.token })
  return plain
}
const sessionOf = (joined: Record<string, unknown>) => String(Object(joined.session).id)
const exported = async ({ cookie }: Guest) => {
  const answer = await fetch(`${parley.url}/api/export`, { headers: { cookie } })
  expect(answer.status).toBe(200)
  return PersonExport.parse(await answer.json())
}
const textsOf = ({ sessions }: PersonExport) =>
  sessions.map(({ messages }) =>
    messages.filter(({ sender }) => sender === 'user').map(({ content }) => content),
  )

/** Says something and waits for the answer. */
const talk = async (plain: PlainSocket, content: string) => {
  const sessionId = sessionOf(await must(plain, 'chat:join', { personaId: 'wren' }))
  await must(plain, 'chat:message', { sessionId, content })
  await plain.next('chat:response')
  return sessionId
}

describe('a guest who signs up', () => {
  it('takes the conversations along; who knew the guest alone knows nobody', async () => {
    const guest = await signInGuest(parley.url)
    const plain = await enter(guest)
    const sessionId = await talk(plain, 'I was here as a guest')
    const account = await signUp(parley.url, guest)
    expect(account.userId).not.toBe(guest.userId)
    // The guest's socket is told and closed, so that its client says anew who it is.
    expect(await plain.next('chat:error')).toMatchObject({ error: 'NOT_AUTHENTICATED' })
    const again = await enter(account)
    expect(sessionOf(await must(again, 'chat:join', { personaId: 'wren' }))).toBe(sessionId)
    expect(textsOf(await exported(account))).toEqual([['I was here as a guest']])
    const late = await connectPlain(parley.url)
    open.push(late)
    expect(await late.ask('chat:auth', guest)).toMatchObject({ error: { error: 'NOT_AUTHENTICATED' } })
  })

  it('[M1] loses nothing that was acknowledged while the sessions moved', async () => {
    const guest = await signInGuest(parley.url)
    const plain = await enter(guest)
    const acknowledged: string[] = []
    let moved = false
    const chatter = (async () => {
      for (let count = 0; !moved || count < 5; count++) {
        const fresh = await plain.ask('chat:join', { personaId: 'bruna', fresh: true })
        if (fresh.ok !== true) return
        const sessionId = String(Object(Object(fresh.data).session).id)
        const content = `message ${count}`
        const sent = await plain.ask('chat:message', { sessionId, content })
        if (sent.ok !== true) return
        acknowledged.push(content)
      }
    })().catch(() => undefined)
    await plain.next('chat:session')
    const account = await signUp(parley.url, guest)
    moved = true
    plain.close()
    await chatter
    const kept = textsOf(await exported(account)).flat()
    expect(acknowledged.length).toBeGreaterThan(0)
    expect(kept).toEqual(expect.arrayContaining(acknowledged))
  })
})

describe('a guest who signs in', () => {
  it('adds the conversations to those of the account', async () => {
    const account = await signUp(parley.url)
    await talk(await enter(account), 'from before')
    const guest = await signInGuest(parley.url)
    await talk(await enter(guest), 'as a guest')
    const device = await signIn(parley.url, account, guest)
    expect(device.userId).toBe(account.userId)
    expect(
      textsOf(await exported(account))
        .flat()
        .sort(),
    ).toEqual(['as a guest', 'from before'])
  })

  it.each([
    ['a wrong password', (account: Account) => ({ ...account, password: 'wrong horse' })],
    ['an unknown address', (account: Account) => ({ ...account, email: 'nobody@example.org' })],
  ])('with %s stays the guest, and is told the same', async (_what, change) => {
    const account = await signUp(parley.url)
    const guest = await signInGuest(parley.url)
    const plain = await enter(guest)
    await talk(plain, 'still mine')
    const { email, password } = change(account)
    const answer = await askAuth(parley.url, '/sign-in/email', {
      cookie: guest.cookie,
      body: { email, password },
    })
    expect(answer.status).toBe(401)
    expect(await answer.json()).toMatchObject({ code: 'INVALID_EMAIL_OR_PASSWORD' })
    expect(textsOf(await exported(guest))).toEqual([['still mine']])
  })
})

describe('a deleted account', () => {
  it('is gone with everything of it; its sockets are told, and its running reply ends', async () => {
    const account = await signUp(parley.url)
    const plain = await enter(account)
    const sessionId = sessionOf(await must(plain, 'chat:join', { personaId: 'oriel' }))
    await must(plain, 'chat:message', { sessionId, content: 'forget me' })
    const { cookie, password } = account
    const refused = await askAuth(parley.url, '/delete-user', { cookie })
    expect(await refused.json()).toMatchObject({ code: 'PASSWORD_NEEDED' })
    const wrong = await askAuth(parley.url, '/delete-user', { cookie, body: { password: 'wrong horse' } })
    expect(wrong.status).toBe(400)
    expect(textsOf(await exported(account))).toEqual([['forget me']])
    const done = await askAuth(parley.url, '/delete-user', { cookie, body: { password } })
    expect(done.status).toBe(200)
    expect(await plain.next('chat:error')).toMatchObject({ error: 'NOT_AUTHENTICATED' })
    const answer = await fetch(`${parley.url}/api/export`, { headers: { cookie } })
    expect(answer.status).toBe(401)
    const other = await enter(await signInGuest(parley.url))
    expect(await other.ask('chat:join', { personaId: 'oriel', sessionId })).toMatchObject({
      error: { error: 'SESSION_NOT_FOUND' },
    })
  })
})

describe('GET /api/export and /api/sign-in-ways', () => {
  it('[A2] gives nobody’s data without a credential', async () => {
    const answer = await fetch(`${parley.url}/api/export`)
    expect(answer.status).toBe(401)
    expect(await answer.json()).toEqual({ error: 'NOT_AUTHENTICATED' })
  })

  it('tells a page which ways there are', async () => {
    const answer = await fetch(`${parley.url}/api/sign-in-ways`)
    expect(SignInWays.parse(await answer.json())).toEqual({ password: true, oidc: null })
  })
})
