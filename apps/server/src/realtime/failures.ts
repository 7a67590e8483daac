import { randomUUID } from 'node:crypto'
import { errors, Id, type Received, type WireError, WireFault } from '@parley/protocol'
import { z } from 'zod'
import { ChatFailure } from '../chat/failure.ts'
import { type Log, StorageUnavailable } from '../chat/ports.ts'

/** When a server whose database is away is worth another try, in milliseconds. */
const STORAGE_RETRY_MS = 1_000

const Named = z.object({
  clientMessageId: Id.optional().catch(undefined),
  replyId: Id.optional().catch(undefined),
})

/**
 * The failure of an event as its sender is told: never more than the code's meaning. What is not the
 * sender's fault is logged under the same request id.
 */
export function toWireError(received: Received, cause: unknown, log: Log): WireError {
  const requestId = randomUUID()
  const named = Named.safeParse(received.raw)
  const base = { event: received.event, requestId, ...(named.success ? definedOnly(named.data) : {}) }
  if (cause instanceof WireFault) {
    const path = cause.path === '' ? {} : { path: cause.path }
    const message = `${cause.path || 'The payload'}: ${cause.message}`
    return { ...base, ...path, error: 'INVALID_PAYLOAD', message }
  }
  if (cause instanceof ChatFailure) {
    if (cause.cause !== undefined)
      log.warn({ requestId, event: received.event, err: cause.cause }, cause.code)
    const retry = cause.retryAfterMs === undefined ? {} : { retryAfterMs: cause.retryAfterMs }
    return { ...base, ...retry, error: cause.code, message: cause.message }
  }
  const code = cause instanceof StorageUnavailable ? 'STORAGE_UNAVAILABLE' : 'INTERNAL'
  log.error({ requestId, event: received.event, err: cause }, code)
  const retry = code === 'STORAGE_UNAVAILABLE' ? { retryAfterMs: STORAGE_RETRY_MS } : {}
  return { ...base, ...retry, error: code, message: errors[code].sentence }
}

function definedOnly(named: z.output<typeof Named>): Pick<WireError, 'clientMessageId' | 'replyId'> {
  return {
    ...(named.clientMessageId === undefined ? {} : { clientMessageId: named.clientMessageId }),
    ...(named.replyId === undefined ? {} : { replyId: named.replyId }),
  }
}
