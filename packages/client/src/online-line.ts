import type { Connection } from './connection.ts'
import { ChatError } from './errors.ts'
import type { Line } from './line.ts'

/** The line of a connection once there is one. @throws {ChatError} if none will come soon by itself. */
export function onlineLine(connection: Connection): Promise<Line> {
  return new Promise((resolve, reject) => {
    const check = () => {
      const line = connection.onlineLine
      const { status, error } = connection.state.get()
      const isComing = status === 'connecting' || status === 'reconnecting'
      if (!line && (isComing || status === 'online')) return false
      if (line) resolve(line)
      else reject(error ?? new ChatError('DISCONNECTED'))
      return true
    }
    if (check()) return
    const stop = connection.state.subscribe(() => {
      if (check()) stop()
    })
  })
}
