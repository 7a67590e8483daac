import { APIConnectionError, APIError, APIUserAbortError } from 'openai'
import { ModelFault } from '../chat/ports.ts'

const DAY_MS = 86_400_000

/** An answer that is not one, although the call went through. */
export class UnusableAnswer extends Error {
  override readonly name = 'UnusableAnswer'
}

/** A failed call of a provider, as this room may treat and log it. Holds no text of the provider. */
export interface Failure {
  /**
   * `status`: the server refused. `connection`: it was not reached or the line broke.
   * `answer`: it answered something that is not an answer.
   */
  readonly kind: 'status' | 'connection' | 'answer'
  /** Whether the same call may succeed in a moment. */
  readonly passing: boolean
  /** Milliseconds that the server asked to wait. */
  readonly retryAfterMs: number | undefined
  /** For the operator's log. */
  readonly fields: Readonly<Record<string, string | number>>
}

/** Reads an error of the SDK or of the stream below it. */
export function readFailure(error: unknown): Failure {
  // A call is only ever aborted from here; if not by the caller, then because its time was up.
  if (error instanceof APIConnectionError || error instanceof APIUserAbortError)
    return connectionFailure(error)
  if (error instanceof APIError && typeof error.status === 'number') return statusFailure(error)
  if (isBrokenLine(error)) return connectionFailure(error)
  const requestId = error instanceof APIError ? plainId(error.requestID) : undefined
  const fields = { cause: nameOf(error), ...(requestId && { requestId }) }
  return { kind: 'answer', passing: false, retryAfterMs: undefined, fields }
}

/** The fault that the domain hears of. */
export function faultOf(failure: Failure): ModelFault {
  const what = { status: 'refused the call', connection: 'cannot be reached', answer: 'answered nonsense' }
  return new ModelFault('AI_UNAVAILABLE', `the provider ${what[failure.kind]}`, failure.retryAfterMs)
}

function statusFailure(error: APIError): Failure {
  const status = Number(error.status)
  const code = plainWord(error.code)
  const requestId = plainId(error.requestID)
  // No wait fills an empty account.
  const hopeless = code === 'insufficient_quota' || error.headers?.get('x-should-retry') === 'false'
  return {
    kind: 'status',
    passing: !hopeless && (status === 408 || status === 409 || status === 429 || status >= 500),
    retryAfterMs: retryAfterMs(error.headers),
    fields: { status, ...(requestId && { requestId }), ...(code && { code }) },
  }
}

function connectionFailure(error: unknown): Failure {
  return {
    kind: 'connection',
    passing: true,
    retryAfterMs: undefined,
    fields: { cause: causeCode(error) ?? nameOf(error) },
  }
}

/** In whole milliseconds, from either header, by number or date; at most a day. */
function retryAfterMs(headers: Headers | undefined): number | undefined {
  const inMs = Number.parseFloat(headers?.get('retry-after-ms') ?? '')
  const after = headers?.get('retry-after') || 'absent'
  const wait = [inMs, Number(after) * 1000, Date.parse(after) - Date.now()].find((ms) => !Number.isNaN(ms))
  return wait === undefined ? undefined : Math.ceil(Math.min(Math.max(0, wait), DAY_MS))
}

/** `fetch` fails the body of a broken answer with a bare TypeError. */
function isBrokenLine(error: unknown): boolean {
  return error instanceof TypeError && (error.message === 'terminated' || causeCode(error) !== undefined)
}

function causeCode(error: unknown): string | undefined {
  let cause: unknown = error
  while (cause instanceof Error) {
    if ('code' in cause && typeof cause.code === 'string' && /^[A-Z_]{1,48}$/.test(cause.code)) {
      return cause.code
    }
    cause = cause.cause
  }
  return undefined
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : typeof error
}

/** A provider's error code such as `invalid_api_key`; anything else could be an echo of a secret. */
function plainWord(code: unknown): string | undefined {
  return typeof code === 'string' && /^[a-z_]{1,48}$/.test(code) ? code : undefined
}

/** A request id, short and bare of anything that looks like a key. */
function plainId(id: unknown): string | undefined {
  return typeof id === 'string' && /^(?!.*sk-)[\w.:-]{1,64}$/.test(id) ? id : undefined
}
