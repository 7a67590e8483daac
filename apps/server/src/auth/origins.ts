/** Which origins a browser may come from. */
export type OriginCheck = (origin: string | undefined) => boolean

const LOOPBACK = ['localhost', '127.0.0.1', '[::1]']

/**
 * Accepts the listed origins. Where one of them is a loopback address its other spellings count as
 * well: people type `127.0.0.1` and `localhost` alike. No origin at all is no browser.
 */
export function createOriginCheck(origins: readonly string[]): OriginCheck {
  const accepted = new Set(allowedOrigins(origins))
  return (origin) => origin === undefined || accepted.has(origin)
}

/** The listed origins and the other spellings of those on loopback. */
export function allowedOrigins(origins: readonly string[]): string[] {
  return [...new Set(origins.flatMap(spellings))]
}

function spellings(origin: string): string[] {
  const url = new URL(origin)
  if (!LOOPBACK.includes(url.hostname)) return [url.origin]
  const port = url.port === '' ? '' : `:${url.port}`
  return LOOPBACK.map((host) => `${url.protocol}//${host}${port}`)
}
