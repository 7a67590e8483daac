import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { BadEnv, readEnv } from '../../src/env.ts'

const faultsOf = (variables: Record<string, string>): string => {
  try {
    readEnv(variables, '/srv/parley')
  } catch (cause) {
    if (cause instanceof BadEnv) return cause.message
    throw cause
  }
  throw new Error('the environment was accepted')
}

/** One value for each variable that cannot be used, each holding a word that must not be repeated. */
const BAD = {
  NODE_ENV: 'canary-mode',
  PORT: '70000.5canary',
  PUBLIC_URL: 'ftp://canary:canary-password@host',
  FRONTEND_URL: 'https://fine.example,canary',
  DATABASE_URL: 'mysql://parley:canary-password@db/parley',
  REDIS_URL: 'http://:canary-password@cache',
  OPENAI_BASE_URL: 'canary key sk-canary',
  MODERATION: 'canary',
  MODERATION_ON_ERROR: 'canary',
  CONTEXT_MESSAGES: '0',
  RESPONSE_TIMEOUT_MS: '1e9',
  MAX_REPLY_TOKENS: '8',
  DAILY_TOKENS_GUEST: '-1',
  DAILY_TOKENS_ACCOUNT: 'canary',
  LOG_LEVEL: 'canary',
  OIDC_ISSUER: 'canary',
  JWT_JWKS_URL: 'canary',
  TRUST_CLIENT_USER_ID: 'canary',
  TRUST_PROXY: 'canary',
  ADDRESS_LIMIT_FACTOR: '0',
  BETTER_AUTH_SECRET: 'canary-too-short',
}

describe('the environment', () => {
  it('case j4: names every bad value at once, and repeats none of them', () => {
    const message = faultsOf(BAD)
    for (const name of Object.keys(BAD)) expect(message).toMatch(new RegExp(`^ {2}${name} `, 'm'))
    expect(message).not.toMatch(/canary|70000|1e9/)
  })

  it('[A1] refuses TRUST_CLIENT_USER_ID in production, and says so beside every other fault', () => {
    const production = { NODE_ENV: 'production', TRUST_CLIENT_USER_ID: '1' }
    expect(faultsOf(production)).toMatch(/TRUST_CLIENT_USER_ID .*production/)
    const both = faultsOf({ ...production, PORT: '-1' })
    expect(both).toMatch(/PORT /)
    expect(both).toMatch(/TRUST_CLIENT_USER_ID .*production/)
    expect(readEnv({ ...production, NODE_ENV: 'development' }, '/srv').TRUST_CLIENT_USER_ID).toBe(true)
    expect(readEnv({ ...production, TRUST_CLIENT_USER_ID: '0' }, '/srv').TRUST_CLIENT_USER_ID).toBe(false)
  })

  it('takes an empty value for an absent one, and has a default for everything', () => {
    const absent = readEnv({}, '/srv/parley')
    const empty = readEnv(Object.fromEntries(Object.keys(BAD).map((name) => [name, ''])), '/srv/parley')
    expect({ ...empty, NODE_ENV: 'development' }).toEqual(absent)
    expect(absent).toMatchObject({
      PORT: 3000,
      HOST: '127.0.0.1',
      publicUrl: 'http://localhost:3000',
      DATABASE_URL: null,
      DATA_DIR: join('/srv/parley', '.data'),
      REDIS_URL: null,
      OPENAI_API_KEY: null,
      OPENAI_BASE_URL: null,
      MODERATION: 'auto',
      MODERATION_ON_ERROR: 'refuse',
      CONTEXT_MESSAGES: 10,
      RESPONSE_TIMEOUT_MS: 30_000,
      MAX_REPLY_TOKENS: 4_096,
      DAILY_TOKENS_GUEST: 1_000_000,
      DAILY_TOKENS_ACCOUNT: 5_000_000,
      logLevel: 'warn',
      oidc: null,
      site: null,
      TRUST_CLIENT_USER_ID: false,
      BETTER_AUTH_SECRET: null,
      production: false,
    })
  })

  it('takes the tokens of a site only with all that they have to say', () => {
    const whole = {
      JWT_JWKS_URL: 'https://site.example/keys',
      JWT_ISSUER: 'https://site.example',
      JWT_AUDIENCE: 'parley',
    }
    expect(readEnv(whole, '/srv').site).toEqual({
      jwksUrl: 'https://site.example/keys',
      issuer: 'https://site.example',
      audience: 'parley',
    })
    expect(faultsOf({ ...whole, JWT_AUDIENCE: '' })).toMatch(/JWT_JWKS_URL.*JWT_AUDIENCE/)
    expect(faultsOf({ JWT_AUDIENCE: 'parley' })).toMatch(/JWT_JWKS_URL.*JWT_ISSUER/)
  })

  it('needs a secret in production where the data is elsewhere', () => {
    const elsewhere = { NODE_ENV: 'production', DATABASE_URL: 'postgresql://host/parley' }
    expect(faultsOf(elsewhere)).toMatch(/BETTER_AUTH_SECRET is needed/)
    expect(readEnv({ ...elsewhere, BETTER_AUTH_SECRET: 's'.repeat(32) }, '/srv').production).toBe(true)
    expect(readEnv({ NODE_ENV: 'production' }, '/srv').BETTER_AUTH_SECRET).toBeNull()
  })

  it('reads several page addresses and keeps their origins only', () => {
    const { frontendOrigins } = readEnv(
      { FRONTEND_URL: 'https://a.example/chat/, http://b.example:8080' },
      '/srv',
    )
    expect(frontendOrigins).toEqual(['https://a.example', 'http://b.example:8080'])
  })
})
