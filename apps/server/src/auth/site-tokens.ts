import { createRemoteJWKSet, errors, type JWTPayload, jwtVerify } from 'jose'

/** Where a site that embeds Parley says who its people are. */
export interface Site {
  /** Address of its public keys, a JSON Web Key Set (RFC 7517). */
  readonly jwksUrl: string
  /** What its tokens have to say of who made them, and for whom. */
  readonly issuer: string
  readonly audience: string
}

/** A person of the site. */
export interface SitePerson {
  /** The subject of the token, as the site knows the person. */
  readonly subject: string
  readonly name: string
  /** ISO 8601. */
  readonly expiresAt: string
}

/**
 * Whose token this is; null when it is nobody's.
 *
 * @throws {Error} when the site's keys cannot be read, so that nothing can be said of the token.
 */
export type VerifySiteToken = (token: string) => Promise<SitePerson | null>

/** Public keys only: with a shared secret, or with `none`, whoever can check a token could make one. */
const ALGORITHMS = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA']
/** How much the clocks of the site and of this server may differ, in seconds. */
const CLOCK_TOLERANCE = 5
const SUBJECT_LENGTH = 100
const NAME_LENGTH = 100
/** How long the site may take to give its keys, in milliseconds. */
const KEYS_TIMEOUT_MS = 5_000

/** Checks the tokens of a site (RFC 7519). Its keys are fetched when they are needed and then kept. */
export function createSiteTokens({ jwksUrl, issuer, audience }: Site): VerifySiteToken {
  const keys = createRemoteJWKSet(new URL(jwksUrl), { timeoutDuration: KEYS_TIMEOUT_MS })
  const options = {
    issuer,
    audience,
    algorithms: ALGORITHMS,
    clockTolerance: CLOCK_TOLERANCE,
    requiredClaims: ['sub', 'exp'],
  }
  return async (token) => {
    try {
      const { payload } = await jwtVerify(token, keys, options)
      return personOf(payload)
    } catch (cause) {
      if (isFaultOfToken(cause)) return null
      throw new Error('the keys of the site cannot be read', { cause })
    }
  }
}

/** Whether a token is of the kind that a site gives out; those of this server have two parts. */
export const isSiteToken = (token: string) => /^[\w-]+\.[\w-]+\.[\w-]*$/.test(token)

function personOf({ sub = '', exp = 0, name }: JWTPayload): SitePerson | null {
  // How far clocks may differ is meant for the beginning: whoever came in after the end could do nothing.
  if (exp * 1000 <= Date.now()) return null
  const isUsable =
    sub.trim() !== '' && sub.length <= SUBJECT_LENGTH && sub.isWellFormed() && !sub.includes('\0')
  if (!isUsable) return null
  return {
    subject: sub,
    name: typeof name === 'string' && name.trim() !== '' ? name.slice(0, NAME_LENGTH).toWellFormed() : sub,
    expiresAt: new Date(exp * 1000).toISOString(),
  }
}

/** What is wrong with the token; the rest (time-outs, answers that are no keys) is wrong with the site. */
function isFaultOfToken(cause: unknown): boolean {
  const ofToken = [
    errors.JWTClaimValidationFailed,
    errors.JWTExpired,
    errors.JWTInvalid,
    errors.JWSInvalid,
    errors.JWSSignatureVerificationFailed,
    errors.JOSEAlgNotAllowed,
    errors.JOSENotSupported,
    errors.JWKSNoMatchingKey,
    errors.JWKSMultipleMatchingKeys,
  ]
  return ofToken.some((kind) => cause instanceof kind)
}
