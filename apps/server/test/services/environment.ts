/** The environment of the test run, read in this one place. */
export const environment: Readonly<Record<string, string | undefined>> = process.env

/** Every variable that the server reads, empty: what stands in a developer's `.env` must not count. */
export const unset: Readonly<Record<string, string>> = Object.fromEntries(
  [
    ['PUBLIC_URL', 'FRONTEND_URL', 'HOST', 'DATABASE_URL', 'DATA_DIR', 'REDIS_URL'],
    [
      'OPENAI_API_KEY',
      'OPENAI_BASE_URL',
      'OPENAI_MODEL',
      'OPENAI_CONTINUE_PREFIX',
      'MODERATION',
      'MODERATION_ON_ERROR',
      'CONTEXT_MESSAGES',
      'MAX_REPLY_TOKENS',
      'DAILY_TOKENS_GUEST',
      'DAILY_TOKENS_ACCOUNT',
    ],
    ['RESPONSE_TIMEOUT_MS', 'LOG_LEVEL', 'TRUST_CLIENT_USER_ID', 'BETTER_AUTH_SECRET'],
    [
      'TRUST_PROXY',
      'ADDRESS_LIMIT_FACTOR',
      'OIDC_ISSUER',
      'OIDC_CLIENT_ID',
      'OIDC_CLIENT_SECRET',
      'OIDC_NAME',
      'JWT_JWKS_URL',
      'JWT_ISSUER',
      'JWT_AUDIENCE',
    ],
  ]
    .flat()
    .map((name) => [name, '']),
)
