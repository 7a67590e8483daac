import { fromNodeHeaders } from 'better-auth/node'
import type { Credential, Identities, Identity } from '../chat/ports.ts'
import type { Database } from '../db/connect.ts'
import { withFaults } from '../db/faults.ts'
import type { Auth } from './auth.ts'

/** What can stand behind `Bearer` in a header; no token that was ever given out is anything else. */
const HEADER_TOKEN = /^[\x21-\x7e]+$/

/**
 * Identities by better-auth's sessions.
 *
 * @param trustClaims take every claim at its word and make the user's row if there is none
 *   (`TRUST_CLIENT_USER_ID`).
 */
export function createIdentities(auth: Auth, { prisma }: Database, trustClaims: boolean): Identities {
  const verify = async ({ headers, token }: Credential): Promise<Identity | null> => {
    const shown = fromNodeHeaders(headers)
    if (token !== undefined) {
      if (!HEADER_TOKEN.test(token)) return null
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
      loginId: session.session.id,
    }
  }

  const trust = async (userId: string): Promise<Identity> => {
    await withFaults(
      () => prisma.$executeRaw`INSERT INTO "User" (id, name, email, "isAnonymous")
        VALUES (${userId}, ${userId}, ${`${userId}@trusted.invalid`}, true) ON CONFLICT (id) DO NOTHING`,
    )
    return { userId, guest: true, expiresAt: null, loginId: null }
  }

  return {
    verify,
    claim: async (userId, credential) => {
      if (trustClaims && credential.token === undefined) return trust(userId)
      const identity = await verify(credential)
      return identity?.userId === userId ? identity : null
    },
    lasting: async (loginIds) => {
      const rows = await withFaults(
        () => prisma.$queryRaw<{ id: string }[]>`SELECT id FROM "Session"
          WHERE id = ANY(${[...loginIds]}::text[]) AND "expiresAt" > now()`,
      )
      return new Set(rows.map(({ id }) => id))
    },
  }
}
