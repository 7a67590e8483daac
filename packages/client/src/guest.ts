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
}

const Answer = z.object({ user: z.object({ id: z.string().min(1) }) })

/**
 * Makes a `credentials` function for `createChatClient` that signs in as a guest of the server at
 * `url` when it is first called, and gives the same person from then on. Somebody who is signed in
 * already, by the cookie that a browser keeps, stays who they are and needs no token. It throws a `ChatError`, and
 * tries again at the next call.
 */
export function guestCredentials(url: string, options: GuestOptions = {}): () => Promise<Credentials> {
  const exclusively = options.exclusively ?? ((work) => work())
  const base = `${url.replace(/\/+$/, '')}/api/auth`
  let signedIn: Promise<Credentials> | undefined
  return () => {
    signedIn ??= exclusively(() => signIn(base)).catch((cause) => {
      signedIn = undefined
      throw cause
    })
    return signedIn
  }
}

async function signIn(base: string): Promise<Credentials> {
  const present = await call(`${base}/get-session`, { method: 'GET' })
  const body = Answer.safeParse(present.ok ? await json(present) : null)
  if (body.success) return { userId: body.data.user.id }
  const headers = { 'content-type': 'application/json' }
  return read(await call(`${base}/sign-in/anonymous`, { method: 'POST', headers, body: '{}' }))
}

async function call(address: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(address, { ...init, credentials: 'include' })
  } catch (cause) {
    throw new ChatError('DISCONNECTED', { cause })
  }
}

async function read(answer: Response): Promise<Credentials> {
  if (answer.status === 429) throw new ChatError('RATE_LIMITED', { retryAfterMs: retryAfter(answer) })
  if (answer.status >= 500) throw new ChatError('INTERNAL')
  if (!answer.ok) throw new ChatError('NOT_AUTHENTICATED')
  const body = Answer.safeParse(await json(answer))
  if (!body.success) throw new ChatError('BAD_REPLY', { cause: body.error })
  const token = answer.headers.get('set-auth-token') ?? undefined
  return { userId: body.data.user.id, token }
}

function json(answer: Response): Promise<unknown> {
  return answer.json().catch(() => undefined)
}

function retryAfter(answer: Response): number | undefined {
  const header = answer.headers.get('retry-after') ?? answer.headers.get('x-retry-after')
  const seconds = header === null ? Number.NaN : Number(header)
  return Number.isFinite(seconds) && seconds >= 0 ? seconds * 1000 : undefined
}
