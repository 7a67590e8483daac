import type { StoredMessage } from '@parley/client'
import { beforeEach, describe, expect, it } from 'vitest'
import { createAccount } from '../src/account/account.ts'
import type { AccountApi } from '../src/account/account-api.ts'
import { AccountError } from '../src/account/account-error.ts'
import type { PersonChange } from '../src/account/person-changes.ts'
import { rememberedAccount, rememberedGuest } from '../src/account/remembered.ts'
import { createStoredOutbox } from '../src/chat/stored-outbox.ts'

const LOGIN = { email: 'ada@example.org', password: 'correct horse' }
const REFUSAL = new AccountError('WRONG_LOGIN')

const waiting = (userId: string): StoredMessage => ({
  userId,
  sessionId: 's1',
  clientMessageId: `by ${userId}`,
  content: 'Hello',
  replaces: null,
  place: 1,
  error: null,
})

/** A tab of a browser whose server knows `cookie` to be there, and lets `ada` in. */
function tab(cookie: { id: string; guest: boolean } | null, refusal?: AccountError) {
  const order: string[] = []
  const told: PersonChange[] = []
  const opened: string[] = []
  let listener: ((change: PersonChange) => void) | undefined
  const letIn = async () => {
    order.push('asked')
    if (refusal) throw refusal
    return 'ada'
  }
  const done = async () => void (await letIn())
  const api: AccountApi = {
    signUp: letIn,
    signIn: letIn,
    signInElsewhere: async () => 'https://elsewhere.example/',
    signInWays: async () => ({ password: true, oidc: null }),
    signOut: done,
    person: async () =>
      cookie && {
        user: { id: cookie.id, name: '', email: '', isAnonymous: cookie.guest },
        session: { id: 'login' },
      },
    devices: async () => [],
    signOutDevice: done,
    signOutOthers: done,
    hasPassword: async () => true,
    remove: done,
  }
  const outbox = createStoredOutbox(() => localStorage, undefined)
  const account = createAccount({
    api,
    alone: async (work) => {
      order.push('alone')
      const result = await work()
      order.push('together')
      return result
    },
    unsent: outbox,
    lastAccount: rememberedAccount(() => localStorage),
    leavingGuest: rememberedGuest(() => sessionStorage),
    changes: {
      tell: (change) => void told.push(change),
      onTold: (told) => {
        listener = told
      },
    },
    go: (path) => void opened.push(path),
  })
  const owners = async () => {
    const claimed = await Promise.all(['guest', 'ada', 'eve'].map((id) => outbox.claim(id, 's1')))
    return claimed.flat().map(({ clientMessageId, userId }) => `${clientMessageId} is of ${userId}`)
  }
  return { account, order, told, opened, owners, outbox, hear: (change: PersonChange) => listener?.(change) }
}

const nothing: PersonChange = { goHome: false, moved: null, deleted: null }

beforeEach(() => {
  localStorage.clear()
  sessionStorage.clear()
  createStoredOutbox(() => localStorage, undefined).put(waiting('guest'))
  createStoredOutbox(() => localStorage, undefined).put(waiting('eve'))
})

describe('signing in', () => {
  it('takes along what the guest had not sent, tells the other tabs, and no guest is made meanwhile', async () => {
    const { account, order, told, opened, owners } = tab({ id: 'guest', guest: true })
    await account.signIn(LOGIN, '/chat/wren/s1')
    expect(order).toEqual(['alone', 'asked', 'together'])
    expect(await owners()).toEqual(['by guest is of ada', 'by eve is of eve'])
    expect(told).toEqual([{ ...nothing, moved: { from: 'guest', to: 'ada' } }])
    expect(opened).toEqual(['/chat/wren/s1'])
    expect(account.mayBeGuest()).toBe(false)
  })

  it.each([[{ id: 'eve', guest: false }], [null]])(
    'takes nothing from whoever is no guest: %o',
    async (cookie) => {
      const { account, owners } = tab(cookie)
      await account.signIn(LOGIN, '/')
      expect(await owners()).toEqual(['by guest is of guest', 'by eve is of eve'])
    },
  )

  it('changes nothing when it is refused', async () => {
    const { account, told, opened, owners } = tab({ id: 'guest', guest: true }, REFUSAL)
    await expect(account.signUp({ ...LOGIN, name: 'Ada' }, '/')).rejects.toBe(REFUSAL)
    expect([told, opened]).toEqual([[], []])
    expect(await owners()).toEqual(['by guest is of guest', 'by eve is of eve'])
    expect(account.mayBeGuest()).toBe(true)
  })

  it('again as the same one leads back to the place, and as somebody else away from it, in all tabs', async () => {
    const { account, told, opened } = tab(null)
    account.isHere({ userId: 'ada', guest: false, expiresAt: null })
    await account.signIn(LOGIN, '/chat/wren/s1')
    account.isHere({ userId: 'eve', guest: false, expiresAt: null })
    await account.signIn(LOGIN, '/chat/wren/s1')
    expect(opened).toEqual(['/chat/wren/s1', '/'])
    expect(told.map(({ goHome }) => goHome)).toEqual([false, true])
  })

  it('elsewhere takes along what the guest who left had not sent, once, and only to who comes back', async () => {
    await tab({ id: 'guest', guest: true }).account.signInElsewhere('/')
    const { account, owners, told, outbox } = tab({ id: 'ada', guest: false })
    account.isHere({ userId: 'ada', guest: false, expiresAt: null })
    expect(await owners()).toEqual(['by guest is of ada', 'by eve is of eve'])
    expect(told).toEqual([{ ...nothing, moved: { from: 'guest', to: 'ada' } }])
    outbox.put(waiting('guest'))
    account.isHere({ userId: 'eve', guest: false, expiresAt: null })
    expect(await owners()).toContain('by guest is of guest')
  })

  it('elsewhere, given up, leaves the guest what is the guest\u2019s', async () => {
    await tab({ id: 'guest', guest: true }).account.signInElsewhere('/')
    const { account, owners } = tab({ id: 'guest', guest: true })
    account.isHere({ userId: 'guest', guest: true, expiresAt: null })
    account.isHere({ userId: 'ada', guest: false, expiresAt: null })
    expect(await owners()).toEqual(['by guest is of guest', 'by eve is of eve'])
  })
})

describe('what another tab did', () => {
  it('is followed, with what this tab has stored for the guest since', async () => {
    const { hear, owners, opened } = tab(null)
    hear({ ...nothing, moved: { from: 'guest', to: 'ada' } })
    expect(await owners()).toEqual(['by guest is of ada', 'by eve is of eve'])
    hear({ ...nothing, goHome: true })
    expect(opened).toEqual([window.location.pathname + window.location.search, '/'])
  })
})

describe('the account of this browser', () => {
  it('is remembered until one signs out or goes on as a guest', async () => {
    const { account, opened } = tab({ id: 'ada', guest: false })
    for (const end of [account.signOut, async () => account.goOnAsGuest()]) {
      account.isHere({ userId: 'ada', guest: false, expiresAt: null })
      expect(tab(null).account.mayBeGuest()).toBe(false)
      await end()
      expect(tab(null).account.mayBeGuest()).toBe(true)
    }
    expect(opened).toEqual(['/', '/'])
  })

  it('when deleted takes with it what was not sent, and nothing of others', async () => {
    const { account, told, owners } = tab({ id: 'eve', guest: false })
    await account.remove('the password')
    expect(await owners()).toEqual(['by guest is of guest'])
    expect(told).toEqual([{ ...nothing, goHome: true, deleted: 'eve' }])
  })

  it('stays when it could not be deleted', async () => {
    const { account, opened, owners } = tab({ id: 'eve', guest: false }, new AccountError('WRONG_PASSWORD'))
    await expect(account.remove('wrong')).rejects.toMatchObject({ code: 'WRONG_PASSWORD', field: 'password' })
    expect(opened).toEqual([])
    expect(await owners()).toContain('by eve is of eve')
  })
})
