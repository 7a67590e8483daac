import { randomBytes, randomUUID } from 'node:crypto'
import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { betterAuth } from 'better-auth'
import { prismaAdapter } from 'better-auth/adapters/prisma'
import { anonymous, bearer } from 'better-auth/plugins'
import type { Database } from '../db/connect.ts'

/** What better-auth is told of this server. */
export interface AuthConfig {
  readonly secret: string
  /** Where people reach the server; decides whether cookies are `Secure`. */
  readonly publicUrl: string
  readonly trustedOrigins: readonly string[]
  /** Told of every login session that is ended before its time: by signing out, or by being revoked. */
  readonly onLoginEnd?: (loginId: string) => void
}

/** Accounts, guests and their credentials, by better-auth. Routes live under `/api/auth`. */
export function createAuth({ prisma }: Database, config: AuthConfig) {
  return betterAuth({
    secret: config.secret,
    baseURL: config.publicUrl,
    basePath: '/api/auth',
    trustedOrigins: [...config.trustedOrigins],
    database: prismaAdapter(prisma, { provider: 'postgresql' }),
    databaseHooks: { session: { delete: { after: async ({ id }) => config.onLoginEnd?.(id) } } },
    plugins: [anonymous({ emailDomainName: 'guest.invalid' }), bearer()],
    // Addresses are not told apart here, so all guests would share one count; `http/` counts before this.
    rateLimit: { enabled: false },
    telemetry: { enabled: false },
    logger: { disabled: true },
    // Else what breaks is printed as it is, with addresses; thrown, it goes through the server's own log.
    onAPIError: { throw: true },
    advanced: { cookiePrefix: 'parley' },
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
