import { once } from 'node:events'
import { createServer } from 'node:http'
import { type CryptoKey, exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose'

/** Claims that a token makes; undefined: it does not. */
export type Claims = { readonly [Name in keyof JWTPayload]: JWTPayload[Name] | undefined }

/** A site that has people of its own and gives them tokens. */
export interface Site {
  /** The variables of a server that believes it. */
  readonly env: Readonly<Record<string, string>>
  /** A token; what is given replaces what is right. */
  token(claims?: Claims): Promise<string>
  /** A right token but for its key, which is not the site's. */
  forged(): Promise<string>
  /** Whether it gives out its keys. */
  answering: boolean
  close(): void
}

const ISSUER = 'https://site.example'
const AUDIENCE = 'parley'

/** Opens a site on loopback. */
export async function openSite(): Promise<Site> {
  const [own, foreign] = await Promise.all([generateKeyPair('ES256'), generateKeyPair('ES256')])
  const jwk = { ...(await exportJWK(own.publicKey)), kid: 'site', alg: 'ES256' }
  const site = { answering: true }
  const server = createServer((_request, response) => {
    if (site.answering) response.end(JSON.stringify({ keys: [jwk] }))
    else response.writeHead(503).end()
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (typeof address !== 'object' || address === null) throw new Error('the site has no port')
  const sign = (claims: Claims, key: CryptoKey) =>
    new SignJWT(JSON.parse(JSON.stringify(claims)))
      .setProtectedHeader({ alg: 'ES256', kid: 'site' })
      .sign(key)
  const right = () => ({ sub: 'ada', name: 'Ada', iss: ISSUER, aud: AUDIENCE, exp: now() + 600 })
  return Object.assign(site, {
    env: {
      JWT_JWKS_URL: `http://127.0.0.1:${address.port}/jwks.json`,
      JWT_ISSUER: ISSUER,
      JWT_AUDIENCE: AUDIENCE,
    },
    token: (claims: Claims = {}) => sign({ ...right(), ...claims }, own.privateKey),
    forged: () => sign(right(), foreign.privateKey),
    close: () => void server.close(),
  })
}

/** Now, in seconds, as tokens count. */
export const now = () => Math.floor(Date.now() / 1000)
