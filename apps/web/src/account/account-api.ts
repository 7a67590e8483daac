import { limits, routes, type SignInWays } from '@parley/protocol'
import { z } from 'zod'
import { AccountError, codeOf } from './account-error.ts'

/** What a new account is made of. */
export interface NewAccount {
  readonly name: string
  readonly email: string
  readonly password: string
}

/** What an account is entered with. */
export type Login = Pick<NewAccount, 'email' | 'password'>

const SignedIn = z.object({ user: z.object({ id: z.string().min(1) }) })

const Person = z.object({
  user: z.object({
    id: z.string().min(1),
    name: z.string(),
    email: z.string(),
    isAnonymous: z.boolean().nullish(),
  }),
  /** The login of this browser. */
  session: z.object({ id: z.string().min(1) }),
})

/** Who is signed in here. */
export type Person = z.infer<typeof Person>

const Device = z.object({
  id: z.string(),
  /** Names the login when it is to be ended. */
  token: z.string(),
  userAgent: z.string().nullish(),
  createdAt: z.iso.datetime(),
  updatedAt: z.iso.datetime(),
})

/** A browser where this person is signed in. */
export type Device = z.infer<typeof Device>

const Elsewhere = z.object({ url: z.url() })
const Logins = z.array(z.object({ providerId: z.string() }))
const Nothing = z.unknown()

/** The server's routes about accounts. Each throws an `AccountError` when it fails. */
export interface AccountApi {
  /** Resolves with the id of the new user. */
  signUp(account: NewAccount): Promise<string>
  /** Resolves with the user's id. */
  signIn(login: Login): Promise<string>
  /** Resolves with the address where one signs in, which comes back to a path of ours. */
  signInElsewhere(backTo: string): Promise<string>
  signInWays(): Promise<SignInWays>
  signOut(): Promise<void>
  person(): Promise<Person | null>
  devices(): Promise<readonly Device[]>
  signOutDevice(token: string): Promise<void>
  signOutOthers(): Promise<void>
  hasPassword(): Promise<boolean>
  remove(password?: string): Promise<void>
}

/** Calls the routes of the page's own server. */
export function createAccountApi(): AccountApi {
  return {
    signUp: async (account) => (await post('sign-up/email', SignedIn, account)).user.id,
    signIn: async (login) => (await post('sign-in/email', SignedIn, login)).user.id,
    signInElsewhere: async (backTo) => {
      const { origin } = window.location
      const back = { callbackURL: origin + backTo, errorCallbackURL: `${origin}/account` }
      const there = { provider: 'oidc', ...back }
      return (await post('sign-in/social', Elsewhere, there)).url
    },
    signInWays: () => call(routes.signInWays.path, routes.signInWays.response),
    signOut: async () => void (await post('sign-out', Nothing, {})),
    person: () => call('/api/auth/get-session', Person.nullable()),
    devices: () => call('/api/auth/list-sessions', z.array(Device)),
    signOutDevice: async (token) => void (await post('revoke-session', Nothing, { token })),
    signOutOthers: async () => void (await post('revoke-other-sessions', Nothing, {})),
    hasPassword: async () =>
      (await call('/api/auth/list-accounts', Logins)).some(({ providerId }) => providerId === 'credential'),
    remove: async (password) => void (await post('delete-user', Nothing, password ? { password } : {})),
  }
}

function post<T extends z.ZodType>(path: string, schema: T, body: object): Promise<z.output<T>> {
  const headers = { 'content-type': 'application/json' }
  return call(`/api/auth/${path}`, schema, { method: 'POST', headers, body: JSON.stringify(body) })
}

async function call<T extends z.ZodType>(
  path: string,
  schema: T,
  init: RequestInit = {},
): Promise<z.output<T>> {
  const signal = AbortSignal.timeout(limits.requestTimeoutMs)
  const answer = await fetch(path, { cache: 'no-store', ...init, signal }).catch((cause: unknown) => {
    throw new AccountError('AWAY', { cause })
  })
  const body: unknown = await answer.json().catch(() => undefined)
  if (!answer.ok) throw new AccountError(refusalOf(answer, body), { retryAfterMs: retryAfter(answer) })
  const read = schema.safeParse(body)
  if (!read.success) throw new AccountError('FAILED', { cause: read.error })
  return read.data
}

const Refused = z.object({ code: z.string().optional() }).catch({})

function refusalOf(answer: Response, body: unknown) {
  // A proxy that stands before a server which is away answers for it.
  if (answer.status === 502 || answer.status === 503 || answer.status === 504) return 'AWAY'
  return codeOf(answer.status, Refused.parse(body).code)
}

function retryAfter(answer: Response): number | null {
  const header = answer.headers.get('retry-after')
  const seconds = header === null ? Number.NaN : Number(header)
  return Number.isFinite(seconds) && seconds >= 0 ? seconds * 1_000 : null
}
