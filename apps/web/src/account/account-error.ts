/** Which field of a form a failure is about. */
export type AccountField = 'name' | 'email' | 'password'

interface Meaning {
  /** What the person is told. */
  readonly sentence: string
  readonly field?: AccountField
}

const meanings = {
  WRONG_LOGIN: { sentence: 'E-mail and password do not belong together. Check both.', field: 'password' },
  WRONG_PASSWORD: { sentence: 'This is not the password of your account.', field: 'password' },
  PASSWORD_NEEDED: { sentence: 'Enter the password of your account.', field: 'password' },
  PASSWORD_EMPTY: { sentence: 'Enter a password.', field: 'password' },
  PASSWORD_TOO_SHORT: { sentence: 'A password needs at least 8 characters.', field: 'password' },
  PASSWORD_TOO_LONG: { sentence: 'A password has at most 128 characters.', field: 'password' },
  NAME_MISSING: { sentence: 'Enter a name. Any will do.', field: 'name' },
  EMAIL_INVALID: { sentence: 'This is no e-mail address. It looks like ada@example.org.', field: 'email' },
  EMAIL_TAKEN: {
    sentence: 'There is an account with this e-mail already. Sign in, or use another address.',
    field: 'email',
  },
  RATE_LIMITED: { sentence: 'Too many tries from here.' },
  SIGNED_OUT: { sentence: 'You are not signed in here any more. Reload the page.' },
  AWAY: { sentence: 'The server cannot be reached. Nothing was changed; try again in a moment.' },
  ELSEWHERE_FAILED: { sentence: 'Signing in there did not work. Try again.' },
  NOT_LINKED: {
    sentence: 'There is an account with this e-mail that has a password. Sign in with it.',
    field: 'email',
  },
  FAILED: { sentence: 'Something went wrong on the server. Try again.' },
} satisfies Record<string, Meaning>

/** What can go wrong with an account. */
export type AccountErrorCode = keyof typeof meanings

/** A failure of anything about accounts. `message` is a sentence for the person. */
export class AccountError extends Error {
  override readonly name = 'AccountError'
  readonly code: AccountErrorCode
  readonly field: AccountField | null
  /** Milliseconds after which another try makes sense, when the server said so. */
  readonly retryAfterMs: number | null

  constructor(code: AccountErrorCode, details: { retryAfterMs?: number | null; cause?: unknown } = {}) {
    const { sentence, field }: Meaning = meanings[code]
    super(sentence, { cause: details.cause })
    this.code = code
    this.field = field ?? null
    this.retryAfterMs = details.retryAfterMs ?? null
  }
}

/** Anything thrown, as an `AccountError`. */
export function toAccountError(cause: unknown): AccountError {
  return cause instanceof AccountError ? cause : new AccountError('FAILED', { cause })
}

/** The auth handler's own codes, by what they mean here. */
const CODES: Readonly<Record<string, AccountErrorCode>> = {
  INVALID_EMAIL_OR_PASSWORD: 'WRONG_LOGIN',
  INVALID_PASSWORD: 'WRONG_PASSWORD',
  PASSWORD_NEEDED: 'PASSWORD_NEEDED',
  PASSWORD_TOO_SHORT: 'PASSWORD_TOO_SHORT',
  PASSWORD_TOO_LONG: 'PASSWORD_TOO_LONG',
  INVALID_EMAIL: 'EMAIL_INVALID',
  USER_ALREADY_EXISTS: 'EMAIL_TAKEN',
  USER_ALREADY_EXISTS_USE_ANOTHER_EMAIL: 'EMAIL_TAKEN',
}

/** What an answer of the auth handler means that is not a success. */
export function codeOf(status: number, code: string | undefined): AccountErrorCode {
  const known = code === undefined ? undefined : CODES[code]
  if (known) return known
  if (status === 429) return 'RATE_LIMITED'
  return status === 401 ? 'SIGNED_OUT' : 'FAILED'
}
