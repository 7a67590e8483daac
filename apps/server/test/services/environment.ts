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
      'CONTEXT_MESSAGES',
    ],
    ['RESPONSE_TIMEOUT_MS', 'LOG_LEVEL', 'TRUST_CLIENT_USER_ID', 'BETTER_AUTH_SECRET'],
  ]
    .flat()
    .map((name) => [name, '']),
)
