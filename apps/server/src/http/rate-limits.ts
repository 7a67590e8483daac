import type { RequestHandler } from 'express'
import type { HttpDeps } from './app.ts'

const GUEST = '/auth/sign-in/anonymous'
const SIGN_OUT = '/auth/sign-out'
const READING = new Set(['GET', 'HEAD', 'OPTIONS'])

/** Counts requests under `/api` by address: new guests, sign-ins and what changes an account, and the rest. */
export function limitRequests(take: HttpDeps['takeRequest']): RequestHandler {
  return async (request, response, next) => {
    const retryAfterMs = await take(rateOf(request.method, request.path), request)
    if (retryAfterMs === null) return next()
    response
      .status(429)
      .set('retry-after', `${Math.ceil(retryAfterMs / 1_000)}`)
      .json({ error: 'RATE_LIMITED' })
  }
}

/** Of the auth handler's routes a list would never be whole, so every write counts as a sign-in. */
function rateOf(method: string, path: string): RequestRate {
  if (READING.has(method) || !path.startsWith('/auth/') || path === SIGN_OUT) return 'requestsPerAddress'
  return path === GUEST ? 'guestsPerAddress' : 'signInsPerAddress'
}

/** What a request is counted as. */
export type RequestRate = 'guestsPerAddress' | 'signInsPerAddress' | 'requestsPerAddress'
