import { randomBytes, randomUUID } from 'node:crypto'
import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { betterAuth } from 'better-auth'
import { prismaAdapter } from 'better-auth/adapters/prisma'
import { APIError, createAuthMiddleware, getSessionFromCtx } from 'better-auth/api'
import { anonymous, bearer, genericOAuth } from 'better-auth/plugins'
import type { Database } from '../db/connect.ts'

/** What better-auth is told of this server. */
export interface AuthConfig {
  readonly secret: string
  /** Where people reach the server; decides whether cookies are `Secure`. */
  readonly publicUrl: string
  readonly trustedOrigins: readonly string[]
  /** Told of every login session that is ended before its time: by signing out, or by being revoked. */
  readonly onLoginEnd?: (loginId: string) => void
  /** Gives all that a guest has to the user the guest signed up or in as. */
  readonly onGuestMove?: (guestId: string, userId: string) => Promise<void>
  /** Another server where people may sign in; null: there is none. */
  readonly oidc?: Oidc | null
}

/** A provider that speaks OpenID Connect. */
export interface Oidc {
  /** Its address; the discovery document is below it (OpenID Connect Discovery 1.0, section 4). */
  readonly issuer: string
  readonly clientId: string
  readonly clientSecret: string
}

/** Name of the provider in the addresses of sign-in. */
const OIDC_PROVIDER = 'oidc'

/** Accounts, guests and their credentials, by better-auth. Routes live under `/api/auth`. */
export function createAuth({ prisma }: Database, config: AuthConfig) {
  return betterAuth({
    secret: config.secret,
    baseURL: config.publicUrl,
    basePath: '/api/auth',
    trustedOrigins: [...config.trustedOrigins],
    database: prismaAdapter(prisma, { provider: 'postgresql' }),
    databaseHooks: { session: { delete: { after: async ({ id }) => config.onLoginEnd?.(id) } } },
    emailAndPassword: { enabled: true, ...PASSWORD_LENGTH },
    user: { deleteUser: { enabled: true } },
    // How old a login is says little of who sits there; deleting an account asks for its password instead.
    session: { freshAge: 0, updateAge: UPDATE_AGE_S },
    hooks: { before: askForPassword() },
    plugins: [
      anonymous({
        emailDomainName: 'guest.invalid',
        // better-auth would delete the guest at once, with what is committed for it in that moment.
        disableDeleteAnonymousUser: true,
        onLinkAccount: async ({ anonymousUser, newUser }) =>
          config.onGuestMove?.(anonymousUser.user.id, newUser.user.id),
      }),
      bearer(),
      ...(config.oidc ? [genericOAuth({ config: [providerOf(config.oidc)] })] : []),
    ],
    // Addresses are not told apart here, so all guests would share one count; `http/` counts before this.
    rateLimit: { enabled: false },
    telemetry: { enabled: false },
    logger: { disabled: true },
    // Else what breaks is printed as it is, with addresses; thrown, it goes through the server's own log.
    onAPIError: { throw: true },
    advanced: { cookiePrefix: 'parley' },
  })
}

/** How exact the list of devices is about when one was last used, in seconds. */
const UPDATE_AGE_S = 60 * 60
/** Longest and shortest password (OWASP ASVS 5.0, 6.2.1 and 6.2.9). */
const PASSWORD_LENGTH = { minPasswordLength: 8, maxPasswordLength: 128 }

const providerOf = ({ issuer, clientId, clientSecret }: Oidc) => ({
  providerId: OIDC_PROVIDER,
  discoveryUrl: `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`,
  clientId,
  clientSecret,
  scopes: ['openid', 'email', 'profile'],
  pkce: true,
})

/** Whoever finds a page open may not delete an account that has a password. */
function askForPassword() {
  return createAuthMiddleware(async (context) => {
    if (context.path !== '/delete-user' || context.body?.password) return
    const session = await getSessionFromCtx(context)
    if (!session) return
    const account = await context.context.internalAdapter.findCredentialAccount(session.user.id)
    if (account)
      throw new APIError('BAD_REQUEST', { message: 'The password is needed.', code: 'PASSWORD_NEEDED' })
  })
}

/** @see createAuth */
export type Auth = ReturnType<typeof createAuth>

const SECRET_LENGTH = 32

/**
 * The secret of a server that was given none: made once and kept in the data directory, so that a
 * restart signs nobody out.
 *
 * @throws {Error} when what is kept there is no secret.
 */
export async function keptSecret(dataDir: string): Promise<string> {
  const file = join(dataDir, 'auth-secret')
  await mkdir(dataDir, { recursive: true })
  const kept = await readFile(file, 'utf8').catch(() => null)
  if (kept === null) await makeSecret(file)
  const secret = (kept ?? (await readFile(file, 'utf8'))).trim()
  if (secret.length < SECRET_LENGTH) {
    throw new Error(`the file ${file} holds no secret; remove it, and everybody will have to sign in again`)
  }
  return secret
}

/** Links a file that is whole already: two processes that start at once use the same one. */
async function makeSecret(file: string): Promise<void> {
  const draft = `${file}.${randomUUID()}`
  await writeFile(draft, randomBytes(SECRET_LENGTH).toString('hex'), { mode: 0o600, flush: true })
  try {
    await link(draft, file)
  } catch (cause) {
    if (!(cause instanceof Error && 'code' in cause && cause.code === 'EEXIST')) throw cause
  } finally {
    await rm(draft, { force: true })
  }
}
