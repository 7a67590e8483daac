import { join, resolve } from 'node:path'
import { z } from 'zod'

/** Everything that the environment decides. */
export type Env = z.infer<typeof Env>

const flag = z
  .enum(['', '0', '1', 'false', 'true'], { error: 'must be 1 or 0' })
  .default('0')
  .transform((value) => value === '1' || value === 'true')

/** An absent variable and an empty one mean the same: `.env` files often hold empty ones. */
const text = z
  .string()
  .default('')
  .transform((value) => value.trim() || null)

const within = (min: number, max: number) =>
  z
    .int({ error: `must be a whole number from ${min} to ${max}` })
    .min(min)
    .max(max)

const integer = (min: number, max: number, fallback: number) =>
  z
    .string()
    .default('')
    .transform((value) => (value.trim() === '' ? fallback : Number(value)))
    .pipe(within(min, max))

/** An address whose value is never repeated in an error: it may hold a password. */
const address = (protocols: RegExp, example: string) =>
  text.refine((value) => value === null || isAddress(value, protocols), {
    error: `must look like ${example}`,
  })

const isAddress = (value: string, protocols: RegExp) =>
  URL.canParse(value) && protocols.test(new URL(value).protocol)

const web = /^https?:$/

/** Proxies that stand before the server, as Express counts them; `false` is none. */
const proxies = z
  .string()
  .default('')
  .transform((value) => (value.trim() === 'false' ? 0 : Number(value)))
  .pipe(within(0, 10))

const Variables = z.object({
  NODE_ENV: z
    .enum(['', 'development', 'test', 'production'], { error: 'must be development, test or production' })
    .default('development'),
  PORT: integer(0, 65_535, 3000),
  HOST: text.transform((value) => value ?? '127.0.0.1'),
  PUBLIC_URL: address(web, 'https://chat.example.org'),
  FRONTEND_URL: text
    .transform((value) => (value ?? 'http://localhost:5173').split(',').map((part) => part.trim()))
    .refine((list) => list.every((part) => isAddress(part, web)), {
      error: 'must be one address or several with commas between, like https://chat.example.org',
    }),
  TRUST_PROXY: proxies,
  ADDRESS_LIMIT_FACTOR: integer(1, 10_000, 1),
  DATABASE_URL: address(/^postgres(ql)?:$/, 'postgresql://user:password@host:5432/database'),
  DATA_DIR: text.transform((value) => value ?? '.data'),
  REDIS_URL: address(/^rediss?:$/, 'redis://host:6379'),
  OPENAI_API_KEY: text,
  OPENAI_BASE_URL: address(web, 'http://localhost:11434/v1'),
  OPENAI_MODEL: text.transform((value) => value ?? 'gpt-4o-mini'),
  OPENAI_CONTINUE_PREFIX: flag,
  MODERATION: z
    .enum(['', 'auto', 'openai', 'local', 'off'], { error: 'must be auto, openai, local or off' })
    .default('auto')
    .transform((value) => value || ('auto' as const)),
  MODERATION_ON_ERROR: z
    .enum(['', 'refuse', 'allow'], { error: 'must be refuse or allow' })
    .default('refuse')
    .transform((value) => value || ('refuse' as const)),
  CONTEXT_MESSAGES: integer(1, 200, 10),
  RESPONSE_TIMEOUT_MS: integer(1_000, 600_000, 30_000),
  MAX_REPLY_TOKENS: integer(16, 1_000_000, 4_096),
  DAILY_TOKENS_GUEST: integer(0, 1_000_000_000, 1_000_000),
  DAILY_TOKENS_ACCOUNT: integer(0, 1_000_000_000, 5_000_000),
  LOG_LEVEL: z
    .enum(['', 'debug', 'info', 'warn', 'error'], { error: 'must be debug, info, warn or error' })
    .default(''),
  OIDC_ISSUER: address(web, 'https://accounts.example.org'),
  OIDC_CLIENT_ID: text,
  OIDC_CLIENT_SECRET: text,
  OIDC_NAME: text.transform((value) => value ?? 'OpenID'),
  JWT_JWKS_URL: address(web, 'https://site.example.org/.well-known/jwks.json'),
  JWT_ISSUER: text,
  JWT_AUDIENCE: text,
  TRUST_CLIENT_USER_ID: flag,
  BETTER_AUTH_SECRET: text.refine((value) => value === null || value.length >= 32, {
    error: 'must be at least 32 characters long',
  }),
})

/** Variables that say something only together. */
const SITE = ['JWT_JWKS_URL', 'JWT_ISSUER', 'JWT_AUDIENCE'] as const
const OIDC = ['OIDC_ISSUER', 'OIDC_CLIENT_ID', 'OIDC_CLIENT_SECRET'] as const

/** Where the data is elsewhere, the folder that would keep a secret may be gone at the next start, or differ. */
const needsSecret = (env: Texts<'DATABASE_URL' | 'REDIS_URL'> & { readonly NODE_ENV: string }) =>
  env.NODE_ENV === 'production' && (env.DATABASE_URL !== null || env.REDIS_URL !== null)

type Texts<Name extends string> = Readonly<Record<Name, string | null>>

const hasAll = <Name extends string>(
  env: Texts<Name>,
  names: readonly Name[],
): env is Readonly<Record<Name, string>> => names.every((name) => env[name] !== null)

const hasAllOrNone = <Name extends string>(env: Texts<Name>, names: readonly Name[]) =>
  hasAll(env, names) || names.every((name) => env[name] === null)

const Env = Variables.refine(
  (env) => env.MODERATION !== 'openai' || env.OPENAI_API_KEY !== null || env.OPENAI_BASE_URL !== null,
  {
    path: ['MODERATION'],
    error: 'openai needs OPENAI_API_KEY or OPENAI_BASE_URL',
    when: () => true,
  },
)
  .refine((env) => env.NODE_ENV !== 'production' || !env.TRUST_CLIENT_USER_ID, {
    path: ['TRUST_CLIENT_USER_ID'],
    error: 'lets anybody be anybody, and is refused with NODE_ENV=production',
    // Also beside other faults: all of them are named at once.
    when: () => true,
  })
  .refine((env) => hasAllOrNone(env, SITE), {
    path: ['JWT_JWKS_URL'],
    error: 'is needed with JWT_ISSUER and JWT_AUDIENCE, all three or none',
    when: () => true,
  })
  .refine((env) => hasAllOrNone(env, OIDC), {
    path: ['OIDC_ISSUER'],
    error: 'is needed with OIDC_CLIENT_ID and OIDC_CLIENT_SECRET, all three or none',
    when: () => true,
  })
  .refine((env) => !needsSecret(env) || env.BETTER_AUTH_SECRET !== null, {
    path: ['BETTER_AUTH_SECRET'],
    error: 'is needed in production with DATABASE_URL or REDIS_URL: `openssl rand -hex 32` makes one',
    when: () => true,
  })
  .transform((env) => ({
    ...env,
    site: hasAll(env, SITE)
      ? { jwksUrl: env.JWT_JWKS_URL, issuer: env.JWT_ISSUER, audience: env.JWT_AUDIENCE }
      : null,
    oidc: hasAll(env, OIDC)
      ? { issuer: env.OIDC_ISSUER, clientId: env.OIDC_CLIENT_ID, clientSecret: env.OIDC_CLIENT_SECRET }
      : null,
    production: env.NODE_ENV === 'production',
    logLevel: env.LOG_LEVEL || (env.NODE_ENV === 'production' ? ('info' as const) : ('warn' as const)),
    publicUrl: new URL(env.PUBLIC_URL ?? `http://localhost:${env.PORT}`).origin,
    frontendOrigins: env.FRONTEND_URL.map((part) => new URL(part).origin),
  }))

/** Thrown when the environment cannot be used; the message names every fault at once. */
export class BadEnv extends Error {
  override readonly name = 'BadEnv'
}

/**
 * Reads the process's environment and, where there is one, the file `.env` in `root`. The only place
 * that does. What the environment says counts before the file.
 *
 * @throws {BadEnv}
 */
export function loadEnv(root: string): Env {
  try {
    process.loadEnvFile(join(root, '.env'))
  } catch (cause) {
    // Without the file the environment alone decides; one that is there and cannot be read must not be passed over.
    const missing = cause instanceof Error && 'code' in cause && cause.code === 'ENOENT'
    if (!missing) throw new BadEnv(`the file ${join(root, '.env')} cannot be read.`, { cause })
  }
  return readEnv(process.env, root)
}

/**
 * Parses an environment; relative folders are meant from `root`.
 *
 * @throws {BadEnv}
 */
export function readEnv(variables: Readonly<Record<string, string | undefined>>, root: string): Env {
  const parsed = Env.safeParse(variables)
  if (parsed.success) return { ...parsed.data, DATA_DIR: resolve(root, parsed.data.DATA_DIR) }
  const faults = parsed.error.issues.map((issue) => `  ${issue.path.join('.')} ${issue.message}`)
  throw new BadEnv(`these settings cannot be used:\n${faults.join('\n')}\nSee .env.example.`)
}
