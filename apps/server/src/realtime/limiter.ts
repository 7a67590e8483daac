import { limits } from '@parley/protocol'
import {
  type RateLimiterAbstract,
  RateLimiterMemory,
  RateLimiterRedis,
  RateLimiterRes,
  RLWrapperTimeouts,
} from 'rate-limiter-flexible'
import type { Broker } from './redis.ts'

/** Rates that hold for all processes together. */
const SHARED = [
  'sendsPerUser',
  'sendsPerAddress',
  'connectsPerAddress',
  'guestsPerAddress',
  'signInsPerAddress',
] as const
/** Rates of this process: a socket lives on one, and asking Redis would cost more than what they bound. */
const LOCAL = ['eventsPerSocket', 'eventsPerAddress', 'stopsPerUser', 'requestsPerAddress'] as const

/** @see limits */
export type Rate = (typeof SHARED)[number] | (typeof LOCAL)[number]

/** Counts what may be done so and so often. */
export interface Limiter {
  /** Counts one more for `key`. Null: it may be done; else milliseconds after which it may. */
  take(rate: Rate, key: string): Promise<number | null>
  /** Counts something sent, for the person and for the address. Answers as `take`. */
  takeSend(userId: string, address: string): Promise<number | null>
  /** How many sockets one address may have open here. */
  readonly socketsPerAddress: number
}

/** What limits are counted with. */
export interface LimiterConfig {
  /** Where processes count together; null: this one counts for itself. */
  readonly redis: Broker['client'] | null
  /** Multiplies what an address may do. */
  readonly addressFactor: number
  /** When counts start anew; whole seconds. Default: `limits.rateWindowMs`. */
  readonly windowMs?: number | undefined
}

/** After this a Redis that does not answer counts as away, in milliseconds. */
const REDIS_ANSWER_MS = 250

/** Creates the limits. While Redis is away each process counts for itself, from nothing. */
export function createLimiter(config: LimiterConfig): Limiter {
  const { redis, addressFactor, windowMs = limits.rateWindowMs } = config
  const factorOf = (rate: string) => (rate.endsWith('PerAddress') ? addressFactor : 1)
  const counters = new Map<Rate, RateLimiterAbstract>()
  for (const rate of LOCAL) counters.set(rate, counterOf(rate, factorOf(rate), windowMs, null))
  for (const rate of SHARED) counters.set(rate, counterOf(rate, factorOf(rate), windowMs, redis))

  const take: Limiter['take'] = async (rate, key) => {
    try {
      await counters.get(rate)?.consume(key)
      return null
    } catch (cause) {
      if (!(cause instanceof RateLimiterRes)) throw cause
      return Math.max(1, Math.ceil(cause.msBeforeNext))
    }
  }
  return {
    take,
    takeSend: async (userId, address) => {
      // At once, so that both go to Redis in one round trip.
      const [ofUser, ofAddress] = await Promise.all([
        take('sendsPerUser', userId),
        take('sendsPerAddress', address),
      ])
      // One person who sends without end takes nothing from the others at that address.
      if (ofUser !== null && ofAddress === null) await counters.get('sendsPerAddress')?.reward(address)
      return ofUser === null ? ofAddress : Math.max(ofUser, ofAddress ?? 0)
    },
    socketsPerAddress: limits.socketsPerAddress * addressFactor,
  }
}

function counterOf(
  rate: Rate,
  factor: number,
  windowMs: number,
  redis: Broker['client'] | null,
): RateLimiterAbstract {
  const points = limits[rate] * factor
  const common = { points, duration: windowMs / 1_000, keyPrefix: `parley:${rate}` }
  const insuranceLimiter = new RateLimiterMemory(common)
  if (!redis) return insuranceLimiter
  const limiter = new RateLimiterRedis({
    ...common,
    insuranceLimiter,
    storeClient: redis,
    useRedisPackage: true,
    // Else the client would keep the question until Redis is back.
    rejectIfRedisNotReady: true,
    // Who is over the limit needs no Redis to be told so again.
    inMemoryBlockOnConsumed: points + 1,
  })
  return new RLWrapperTimeouts({ limiter, timeoutMs: REDIS_ANSWER_MS, insuranceLimiter })
}
