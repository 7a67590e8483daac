import { z } from 'zod'

/** A guest account, as a browser and as a script hold it. */
export interface Guest {
  readonly userId: string
  /** What a browser would send as `Cookie`. */
  readonly cookie: string
  /** What a script passes as `token` or as `Authorization: Bearer`. */
  readonly token: string
}

const SignedIn = z.object({ user: z.object({ id: z.string() }) })

/** Makes a guest as any script would: one request, no browser. */
export async function signInGuest(url: string): Promise<Guest> {
  const response = await fetch(`${url}/api/auth/sign-in/anonymous`, { method: 'POST' })
  const { user } = SignedIn.parse(await response.json())
  return {
    userId: user.id,
    cookie: response.headers
      .getSetCookie()
      .map((line) => line.split(';', 1)[0])
      .join('; '),
    token: z.string().parse(response.headers.get('set-auth-token')),
  }
}
