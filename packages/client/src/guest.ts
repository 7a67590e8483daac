import { limits } from '@parley/protocol'
import { z } from 'zod'
import type { Credentials } from './api.ts'
import { ChatError } from './errors.ts'

/** How a guest signs in. */
export interface GuestOptions {
  /**
   * Keeps two sign-ins from running at once, so that two first tabs do not make two guests; in a
   * browser: `(work) => navigator.locks.request('guest', work)`.
   */
  readonly exclusively?: <T>(work: () => Promise<T>) => Promise<T>
  /**
   * Asked before a guest is made because nobody is signed in; false: none is, and `NOT_AUTHENTICATED` is
   * thrown, so that somebody who had an account here is not replaced unseen after a reload either.
   * Default: true.
   */
  readonly mayMake?: () => boolean
}

/** Somebody whom the server knows. */
interface Person extends Credentials {
  /** Whether this person can be replaced by a new guest without losing an account. */
  readonly isGuest: boolean
  /** Cookies are not kept here, so that only the token says who it is. */
  readonly tokenOnly: boolean
}

const SignedIn = z.object({
  user: z.object({ id: z.string().min(1), isAnonymous: z.boolean().nullish() }),
})

/**
 * Makes a `credentials` function for `createChatClient`: whoever is signed in at the server at `url`,
 * by the cookie that a browser keeps, stays who they are and needs no token; if it is nobody, a guest is
 * made. Each call asks the server whether that person is still known, by one request as a rule, and
 * makes a new guest in place of one that is not. Somebody with an account is never replaced unseen: once
 * it is not known any more, one call throws `NOT_AUTHENTICATED`, and only the next one makes a guest.
 *
 * The function throws a `ChatError`, and may be called again after it.
 */
export function guestCredentials(url: string, options: GuestOptions = {}): () => Promise<Credentials> {
  const exclusively = options.exclusively ?? ((work) => work())
  const mayMake = options.mayMake ?? (() => true)
  const base = `${url.replace(/\/+$/, '')}/api/auth`
  let person: Person | null = null
  let asking: Promise<Credentials> | undefined

  const ask = async (): Promise<Credentials> => {
    const before = person
    person = before && (await findAgain(base, before).catch((cause) => keepIfLimited(before, cause)))
    if (before && !before.isGuest && !person) throw new ChatError('NOT_AUTHENTICATED')
    person ??= await exclusively(() => findOrMake(base, mayMake))
    const { userId, token } = person
    return token === undefined ? { userId } : { userId, token }
  }
  return () => {
    asking ??= ask().finally(() => {
      asking = undefined
    })
    return asking
  }
}

/** Whom the cookie names now, which may be somebody else; else the person, if the token is still good. */
async function findAgain(base: string, { token, tokenOnly }: Person): Promise<Person | null> {
  const byCookie = tokenOnly ? null : await find(base)
  if (byCookie || token === undefined) return byCookie
  const byToken = await find(base, token)
  return byToken && { ...byToken, token, tokenOnly }
}

/** A server that is asked too much says nothing of the person; the authentication will. */
function keepIfLimited(person: Person, cause: unknown): Person {
  if (cause instanceof ChatError && cause.code === 'RATE_LIMITED') return person
  throw cause
}

async function findOrMake(base: string, mayMake: () => boolean): Promise<Person> {
  const present = await find(base)
  if (present) return present
  if (!mayMake()) throw new ChatError('NOT_AUTHENTICATED')
  const headers = { 'content-type': 'application/json' }
  const answer = await call(`${base}/sign-in/anonymous`, { method: 'POST', headers, body: '{}' })
  const { user } = await read(answer, SignedIn)
  const token = answer.headers.get('set-auth-token') ?? undefined
  // Browsers keep cookies and never show that one was set; who can see it keeps none.
  const tokenOnly = token !== undefined && answer.headers.has('set-cookie')
  return { userId: user.id, token, isGuest: true, tokenOnly }
}

/** Whom the cookie, or the token if there is one, belongs to; null: nobody. */
async function find(base: string, token?: string): Promise<Person | null> {
  const headers = token === undefined ? undefined : { authorization: `Bearer ${token}` }
  const init = { method: 'GET', cache: 'no-store' as const, ...(headers && { headers }) }
  const found = await read(await call(`${base}/get-session`, init), SignedIn.nullable())
  return found && { userId: found.user.id, isGuest: found.user.isAnonymous === true, tokenOnly: false }
}

async function call(address: string, init: RequestInit): Promise<Response> {
  try {
    const signal = AbortSignal.timeout(limits.requestTimeoutMs)
    return await fetch(address, { ...init, credentials: 'include', signal })
  } catch (cause) {
    const isLate = cause instanceof Error && cause.name === 'TimeoutError'
    throw new ChatError(isLate ? 'TIMEOUT' : 'DISCONNECTED', { cause })
  }
}

async function read<T extends z.ZodType>(answer: Response, schema: T): Promise<z.output<T>> {
  if (answer.status === 429) throw new ChatError('RATE_LIMITED', { retryAfterMs: retryAfter(answer) })
  if (answer.status >= 500) throw new ChatError('INTERNAL')
  if (!answer.ok) throw new ChatError('NOT_AUTHENTICATED')
  const body = schema.safeParse(await answer.json().catch(() => undefined))
  if (!body.success) throw new ChatError('BAD_REPLY', { cause: body.error })
  return body.data
}

function retryAfter(answer: Response): number | undefined {
  const header = answer.headers.get('retry-after') ?? answer.headers.get('x-retry-after')
  const seconds = header === null ? Number.NaN : Number(header)
  return Number.isFinite(seconds) && seconds >= 0 ? seconds * 1000 : undefined
}
