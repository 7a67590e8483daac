import { type Logger, pino } from 'pino'
import pretty from 'pino-pretty'

/** The server's log: JSON lines in production, readable lines elsewhere. Never holds message text. */
export function createLog(production: boolean): Logger {
  const options = {
    level: production ? 'info' : 'warn',
    redact: {
      paths: ['*.headers.cookie', '*.headers.authorization', 'err.headers', 'err.request'],
      remove: true,
    },
  }
  if (production) return pino(options)
  return pino(options, pretty({ ignore: 'pid,hostname', translateTime: 'HH:MM:ss' }))
}
