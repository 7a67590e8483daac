import { fromNodeHeaders } from 'better-auth/node'
import type { Credential, Identities, Identity } from '../chat/ports.ts'
import type { Database } from '../db/connect.ts'
import { withFaults } from '../db/faults.ts'
import type { Auth } from './auth.ts'
import { isSiteToken, type VerifySiteToken } from './site-tokens.ts'

/** What can stand behind `Bearer` in a header; no token that was ever given out is anything else. */
const HEADER_TOKEN = /^[\x21-\x7e]+$/

/** Whom this server believes. */
export interface IdentitiesConfig {
  /** Take every claim at its word and make the user's row if there is none (`TRUST_CLIENT_USER_ID`). */
  readonly trustClaims: boolean
  /** Tokens of a site that embeds this server; null: there is none. */
  readonly site: VerifySiteToken | null
}

/** Before the subject of a site's token: whoever it is, it is nobody who signed in here. */
const SITE_USER = 'site:'

/** Identities by better-auth's sessions and by the tokens of a site. */
export function createIdentities(
  auth: Auth,
  { prisma }: Database,
  { trustClaims, site }: IdentitiesConfig,
): Identities {
  const verify = async ({ headers, token }: Credential): Promise<Identity | null> => {
    const given = token ?? bearerOf(headers)
    if (site && given !== undefined && isSiteToken(given)) return verifyOfSite(site, given)
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

  const verifyOfSite = async (verifyToken: VerifySiteToken, token: string): Promise<Identity | null> => {
    const person = await verifyToken(token)
    if (!person) return null
    const userId = `${SITE_USER}${person.subject}`
    await makeUser(userId, person.name, false)
    return { userId, guest: false, expiresAt: person.expiresAt, loginId: null }
  }

  /** Users of elsewhere have no address here; the row's is one that cannot exist. */
  const makeUser = (id: string, name: string, guest: boolean) =>
    withFaults(
      () => prisma.$executeRaw`INSERT INTO "User" (id, name, email, "isAnonymous")
        VALUES (${id}, ${name}, ${`${id}@elsewhere.invalid`}, ${guest}) ON CONFLICT (id) DO NOTHING`,
    )

  const trust = async (userId: string): Promise<Identity> => {
    await makeUser(userId, userId, true)
    return { userId, guest: true, expiresAt: null, loginId: null }
  }

  return {
    verify,
    claim: async (userId, credential) => {
      if (trustClaims && credential.token === undefined) return trust(userId)
      const identity = await verify(credential)
      const claimed = identity?.userId === userId || identity?.userId === `${SITE_USER}${userId}`
      return claimed ? identity : null
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

function bearerOf({ authorization }: Credential['headers']): string | undefined {
  return typeof authorization === 'string' ? /^Bearer (\S+)$/i.exec(authorization)?.[1] : undefined
}
