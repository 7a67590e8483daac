import type { IncomingHttpHeaders } from 'node:http'
import { fromNodeHeaders } from 'better-auth/node'
import type { Database } from '../db/connect.ts'
import { withFaults } from '../db/faults.ts'
import type { Auth } from './auth.ts'

/** A person whom the server has verified. */
export interface Identity {
  readonly userId: string
  readonly guest: boolean
  /** ISO 8601; null when the credential does not end. */
  readonly expiresAt: string | null
}

/** What a connection or a request shows of who it is. */
export interface Credential {
  readonly headers: IncomingHttpHeaders
  /** A bearer token that was not in a header. */
  readonly token?: string | undefined
}

/** Verifies credentials. */
export interface Identities {
  /** Whose credential this is; null when it is nobody's. */
  verify(credential: Credential): Promise<Identity | null>
  /** The person who claims to be `userId`, if the credential, or the development setting, bears it out [A1]. */
  claim(userId: string, credential: Credential): Promise<Identity | null>
}

/**
 * @param trustClaims take every claim at its word and make the user's row if there is none
 *   (`TRUST_CLIENT_USER_ID`).
 */
export function createIdentities(auth: Auth, { prisma }: Database, trustClaims: boolean): Identities {
  const verify = async ({ headers, token }: Credential): Promise<Identity | null> => {
    const shown = fromNodeHeaders(headers)
    if (token !== undefined) {
      // The token speaks alone: a cookie of somebody else must not speak for it.
      shown.delete('cookie')
      shown.set('authorization', `Bearer ${token}`)
    }
    const session = await withFaults(() => auth.api.getSession({ headers: shown }))
    if (!session) return null
    return {
      userId: session.user.id,
      guest: session.user.isAnonymous ?? false,
      expiresAt: session.session.expiresAt.toISOString(),
    }
  }

  const trust = async (userId: string): Promise<Identity> => {
    await withFaults(
      () => prisma.$executeRaw`INSERT INTO "User" (id, name, email, "isAnonymous")
        VALUES (${userId}, ${userId}, ${`${userId}@trusted.invalid`}, true) ON CONFLICT (id) DO NOTHING`,
    )
    return { userId, guest: true, expiresAt: null }
  }

  return {
    verify,
    claim: async (userId, credential) => {
      if (trustClaims && credential.token === undefined) return trust(userId)
      const identity = await verify(credential)
      return identity?.userId === userId ? identity : null
    },
  }
}
