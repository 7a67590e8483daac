import type { Writable } from 'node:stream'
import { type LevelWithSilent, type Logger, pino } from 'pino'
import pretty from 'pino-pretty'

/**
 * The server's log: JSON lines in production, readable lines elsewhere. Never holds message text: what
 * libraries attach to their errors (rows, requests, headers) is left out.
 *
 * @param destination where lines go instead of the standard output
 */
export function createLog(
  production: boolean,
  level: LevelWithSilent,
  destination: Writable = process.stdout,
): Logger {
  const options = { level, serializers: { err: describeError }, redact: SECRET }
  if (production) return pino(options, destination)
  return pino(options, pretty({ ignore: 'pid,hostname', translateTime: 'HH:MM:ss', destination }))
}

/** Fields that are never written, should anybody log an object with them; by any name of the same case. */
const SECRET_FIELDS = [
  ...['authorization', 'cookie', 'set-cookie', 'set-auth-token', 'password', 'token', 'secret', 'apiKey'],
  ...['Authorization', 'Cookie', 'accessToken', 'refreshToken', 'idToken', 'clientSecret'],
]
/** At the top of a line and up to two objects below it: a request's headers are there. */
const SECRET = SECRET_FIELDS.flatMap((field) =>
  ['', '*.', '*.*.'].map((place) => `${place}["${field}"]`),
).map((path) => path.replace('.[', '['))

interface ErrorDescription {
  readonly type: string
  readonly code?: string
  readonly message: string
  readonly stack: string
  readonly cause?: ErrorDescription
}

const MESSAGE_LENGTH = 500
const CAUSES = 4

/** What may be known of an error: its kind, code, first words and place, and the same of its causes. */
function describeError(error: unknown, depth = 0): ErrorDescription {
  if (!(error instanceof Error)) return { type: typeof error, message: 'not an error', stack: '' }
  const { code } = { code: undefined, ...error }
  const place = (error.stack ?? '').split('\n').filter((line) => line.trimStart().startsWith('at '))
  return {
    type: error.name,
    ...(typeof code === 'string' ? { code } : {}),
    message: error.message.slice(0, MESSAGE_LENGTH),
    stack: place.join('\n'),
    ...(error.cause !== undefined && depth < CAUSES ? { cause: describeError(error.cause, depth + 1) } : {}),
  }
}
