import { once } from 'node:events'
import { createServer } from 'node:http'
import Provider from 'oidc-provider'
import { freePort } from '../product/server.ts'

/** What a server is told of the provider. */
const CLIENT = { id: 'parley', secret: 'a secret of this test alone' }

/** Another server where people sign in, by OpenID Connect. */
export interface LoginServer {
  /** The settings of a server that trusts it. */
  readonly env: Record<string, string>
  /** Lets people in who come from this server, and sends them back to it. */
  serve(serverUrl: string): void
  stop(): Promise<void>
}

/** Starts a certified provider, which takes everybody at the name that they type. */
export async function startLoginServer(): Promise<LoginServer> {
  const port = await freePort()
  const issuer = `http://localhost:${port}`
  let provider: Provider | undefined
  const http = createServer((request, response) => {
    if (provider) void provider.callback()(request, response)
    else response.writeHead(503).end()
  }).listen(port, 'localhost')
  await once(http, 'listening')
  return {
    env: {
      OIDC_ISSUER: issuer,
      OIDC_CLIENT_ID: CLIENT.id,
      OIDC_CLIENT_SECRET: CLIENT.secret,
      OIDC_NAME: 'Lighthouse',
    },
    serve: (serverUrl) => {
      provider = createProvider(issuer, serverUrl)
    },
    stop: async () => {
      http.closeAllConnections()
      http.close()
      await once(http, 'close')
    },
  }
}

function createProvider(issuer: string, serverUrl: string): Provider {
  const redirects = ['callback/oidc', 'oauth2/callback/oidc'].map((path) => `${serverUrl}/api/auth/${path}`)
  return new Provider(issuer, {
    clients: [{ client_id: CLIENT.id, client_secret: CLIENT.secret, redirect_uris: redirects }],
    findAccount: (_context, id) => ({
      accountId: id,
      claims: () => ({ sub: id, name: id, email: `${id}@lighthouse.example`, email_verified: true }),
    }),
    claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name'] },
    // The claims are in the token itself too, as most providers do.
    conformIdTokenClaims: false,
    cookies: { keys: ['of this test alone'] },
  })
}
