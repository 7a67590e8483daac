import { limits } from '@parley/protocol'
import { expect } from 'vitest'
import { z } from 'zod'
import { connectPlain, type PlainSocket } from '../harness/plain-socket.ts'

/** A window that outlasts any test: no count starts anew in the middle of one. */
export const long = { leaseMs: limits.leaseMs, recoverEveryMs: 2_000, rateWindowMs: 600_000 }

/** A time to wait that can be true. */
export const WAIT: unknown = expect.toSatisfy(
  (ms: unknown) => typeof ms === 'number' && ms > 0 && ms <= long.rateWindowMs,
)

const Failure = z.object({ ok: z.literal(false), error: z.object({ error: z.string() }) })

/** The code of a failure, or `ok`. */
export async function outcomeOf(reply: Promise<Record<string, unknown>>): Promise<string> {
  const failure = Failure.safeParse(await reply)
  return failure.success ? failure.data.error.error : 'ok'
}

/** Does something so many times, so many at once as a socket's queue takes. */
export async function inBatches<T>(times: number, act: () => Promise<T>): Promise<T[]> {
  const done: T[] = []
  while (done.length < times) {
    const length = Math.min(limits.queuedEvents / 2, times - done.length)
    done.push(...(await Promise.all(Array.from({ length }, act))))
  }
  return done
}

/** Sends so many messages to nowhere, which counts and costs little, and gives what became of them. */
export function sendMany(plain: PlainSocket, times: number): Promise<string[]> {
  const payload = { sessionId: 'none', content: 'Hello' }
  return inBatches(times, () => outcomeOf(plain.ask('chat:message', payload)))
}

/** Says who it is, as on a server that trusts claims. */
export async function openAs(url: string, userId: string): Promise<PlainSocket> {
  const plain = await connectPlain(url)
  expect(await plain.ask('chat:auth', { userId })).toMatchObject({ ok: true })
  return plain
}
