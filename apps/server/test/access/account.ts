import { z } from 'zod'
import type { Guest } from './guest.ts'

/** A person with a password, on one device. */
export interface Account extends Guest {
  readonly email: string
  readonly password: string
}

const SignedIn = z.object({ user: z.object({ id: z.string() }) })
let accounts = 0

/** Asks the auth handler as a page would: with a cookie and an origin. */
export function askAuth(
  url: string,
  path: string,
  {
    cookie = '',
    body = {},
    method = 'POST',
  }: { cookie?: string; body?: object; method?: 'GET' | 'POST' } = {},
): Promise<Response> {
  return fetch(`${url}/api/auth${path}`, {
    method,
    headers: {
      'content-type': 'application/json',
      origin: 'http://localhost:3000',
      ...(cookie === '' ? {} : { cookie }),
    },
    ...(method === 'POST' ? { body: JSON.stringify(body) } : {}),
  })
}

/** Makes a guest an account, or somebody new when there is no guest. */
export async function signUp(
  url: string,
  guest?: Guest,
  { name = 'Ada', email = `ada-${process.pid}-${++accounts}@example.org` } = {},
): Promise<Account> {
  const password = 'correct horse'
  const body = { name, email, password }
  const answer = await askAuth(url, '/sign-up/email', { body, ...(guest ? { cookie: guest.cookie } : {}) })
  return { ...(await signedIn(answer)), email, password }
}

/** Signs in on another device, or as a guest who has an account already. */
export async function signIn(url: string, { email, password }: Account, guest?: Guest): Promise<Account> {
  const body = { email, password }
  const answer = await askAuth(url, '/sign-in/email', { body, ...(guest ? { cookie: guest.cookie } : {}) })
  return { ...(await signedIn(answer)), email, password }
}

async function signedIn(answer: Response): Promise<Guest> {
  const text = await answer.text()
  if (!answer.ok) throw new Error(`${answer.status} ${text}`)
  return {
    userId: SignedIn.parse(JSON.parse(text)).user.id,
    cookie: answer.headers
      .getSetCookie()
      .map((line) => line.split(';', 1)[0])
      .join('; '),
    token: z.string().parse(answer.headers.get('set-auth-token')),
  }
}
