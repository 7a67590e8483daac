import type { Identity } from '@parley/client'
import { createContext, useContext } from 'react'
import type { AccountApi, Login, NewAccount } from './account-api.ts'
import type { PersonChange, PersonChanges } from './person-changes.ts'
import type { Remembered } from './remembered.ts'

/** What accounts need of the rest of the page. */
export interface AccountDeps {
  readonly api: AccountApi
  /** Does something while no tab of this browser asks who is here, or makes a guest. */
  readonly alone: <T>(work: () => Promise<T>) => Promise<T>
  /** What was written and not sent. */
  readonly unsent: {
    adopt(fromUserId: string, toUserId: string): void
    forget(userId: string): void
  }
  readonly lastAccount: Remembered
  readonly leavingGuest: Remembered
  readonly changes: PersonChanges
  /** Opens a path of the page, which starts anew with it. */
  readonly go: (path: string) => void
}

/** Changes who is signed in. What succeeds starts the page anew; what fails throws an `AccountError`. */
export interface Account {
  readonly api: AccountApi
  /** Opens `backTo` as the new user; what the guest of before had comes along. */
  signUp(account: NewAccount, backTo: string): Promise<void>
  /** The same as somebody who has an account. */
  signIn(login: Login, backTo: string): Promise<void>
  /** Leaves the page for the one where people sign in. */
  signInElsewhere(backTo: string): Promise<void>
  signOut(): Promise<void>
  /** Deletes whoever is here, with everything. */
  remove(password?: string): Promise<void>
  /** After a login was ended elsewhere: lets a guest take the person's place. */
  goOnAsGuest(): void
  /** Whether a guest may be made because nobody is signed in. */
  mayBeGuest(): boolean
  /** To be called with who the page is, whenever the server has said so. */
  isHere(identity: Identity): void
}

/** Makes what changes who is signed in, and follows what other tabs change. */
export function createAccount(deps: AccountDeps): Account {
  const { api, alone, unsent, lastAccount, leavingGuest, changes, go } = deps
  const tell = (change: Partial<PersonChange>) =>
    changes.tell({ goHome: false, moved: null, deleted: null, ...change })

  /** Resolves once nobody else is signed in, and the page is on its way. */
  const enter = (signIn: () => Promise<string>, backTo: string) =>
    // The guest's sockets are closed meanwhile, and a tab that then asked or made a guest would take this cookie.
    alone(async () => {
      const guest = await guestHere(api)
      const userId = await signIn()
      const moved = guest === null ? null : { from: guest, to: userId }
      if (moved) unsent.adopt(moved.from, moved.to)
      const before = lastAccount.read()
      const goHome = before !== null && before !== userId
      lastAccount.write(userId)
      tell({ goHome, moved })
      go(goHome ? '/' : backTo)
    })
  const leave = (deleted: string | null) => {
    lastAccount.forget()
    if (deleted !== null) unsent.forget(deleted)
    tell({ goHome: true, deleted })
    go('/')
  }

  changes.onTold(({ goHome, moved, deleted }) => {
    // Again, for what this tab has stored since.
    if (moved) unsent.adopt(moved.from, moved.to)
    if (deleted !== null) unsent.forget(deleted)
    go(goHome ? '/' : here())
  })

  return {
    api,
    signUp: (account, backTo) => enter(() => api.signUp(account), backTo),
    signIn: (login, backTo) => enter(() => api.signIn(login), backTo),
    signInElsewhere: async (backTo) => {
      const guest = await guestHere(api)
      const address = await api.signInElsewhere(backTo)
      leavingGuest.write(guest ?? '')
      go(address)
    },
    signOut: () =>
      alone(async () => {
        await api.signOut()
        leave(null)
      }),
    remove: (password) =>
      alone(async () => {
        const person = await api.person()
        await api.remove(password)
        leave(person?.user.id ?? null)
      }),
    goOnAsGuest: () => leave(null),
    mayBeGuest: () => lastAccount.read() === null,
    isHere: ({ userId, guest }) => {
      const from = leavingGuest.read()
      const before = lastAccount.read()
      leavingGuest.forget()
      if (guest) return lastAccount.forget()
      lastAccount.write(userId)
      if (from === null) return
      // Back from where people sign in: as after a sign-in here.
      const moved = from === '' ? null : { from, to: userId }
      if (moved) unsent.adopt(moved.from, moved.to)
      tell({ goHome: before !== null && before !== userId, moved })
    },
  }
}

/** The guest whom the cookie names: that one the server moves, whoever the page thinks to be. */
async function guestHere(api: AccountApi): Promise<string | null> {
  const person = await api.person()
  return person?.user.isAnonymous ? person.user.id : null
}

/** Path and query of the page as it stands. */
export function here(): string {
  return window.location.pathname + window.location.search
}

/** The account of the page; provided by the app. */
export const AccountContext = createContext<Account | null>(null)

/** The account of the page. @throws {Error} outside of its provider. */
export function useAccount(): Account {
  const account = useContext(AccountContext)
  if (!account) throw new Error('There is no account here: AccountContext is not provided.')
  return account
}
