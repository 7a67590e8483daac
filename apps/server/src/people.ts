import { toNodeHandler } from 'better-auth/node'
import { createAuth } from './auth/auth.ts'
import { createGuests } from './auth/guests.ts'
import { createIdentities } from './auth/identity.ts'
import { createSiteTokens } from './auth/site-tokens.ts'
import type { Database } from './db/connect.ts'
import type { Env } from './env.ts'
import { endLogin, shutOutUser } from './realtime/logins.ts'
import type { SocketServer } from './realtime/socket-server.ts'

/** What knowing people rests on. */
export interface PeopleGround {
  readonly env: Env
  readonly secret: string
  readonly database: Database
}

/** Puts together who people are: their accounts, their identities, and guests who become somebody. */
export function createPeople(ground: PeopleGround, origins: readonly string[], sockets: SocketServer) {
  const { env, secret, database } = ground
  const guests = createGuests(database, { shutOut: (userId) => shutOutUser(sockets.chat, userId) })
  const auth = createAuth(database, {
    secret,
    publicUrl: env.publicUrl,
    trustedOrigins: origins,
    oidc: env.oidc,
    onLoginEnd: (loginId) => endLogin(sockets.chat, loginId),
    onGuestMove: guests.move,
  })
  const identities = createIdentities(auth, database, {
    trustClaims: env.TRUST_CLIENT_USER_ID,
    site: env.site && createSiteTokens(env.site),
  })
  return { auth: toNodeHandler(auth), identities, guests }
}
