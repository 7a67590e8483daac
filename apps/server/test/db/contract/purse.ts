import { expect } from 'vitest'
import type { Store } from '../../../src/chat/ports.ts'
import { joining, type Owned, type Stage, sure } from '../stage.ts'

/** What the longest reply may hold in the tests of what people spend. */
export const REPLY = 100
/** Tokens of a day of an account; so many guests have only where a test says so. */
export const BUDGET = 100_000

/** The answer to who has spent the budget of the day. */
export const refusal = { outcome: 'spent', retryAfterMs: expect.any(Number) }

/** What people of a stage have spent and hold, and how a test changes it. */
export interface Purse {
  /** A store of a process with budgets. */
  limited(account?: number, guest?: number): Store
  /** Tokens spent, a number for each day, and what is held. */
  rows(userId: string): Promise<{ days: number[]; held: Held[] }>
  /** Sets what a person has spent today. */
  spent(userId: string, tokens: number): Promise<unknown>
  /** Makes all that a person has spent a day older. */
  dayAgo(userId: string): Promise<unknown>
  /** Another session of a person. */
  other(store: Store, userId: string): Promise<Owned>
}

interface Held {
  readonly replyId: string
  readonly tokens: bigint
  readonly promptTokens: number
}

/** @see Purse */
export function purseOf(stage: () => Stage): Purse {
  const prisma = () => stage().database.prisma
  return {
    limited: (account = BUDGET, guest = 0) => stage().otherStore({ spend: { guest, account, reply: REPLY } }),
    rows: async (userId) => {
      const days = await prisma().dailySpend.findMany({ where: { userId }, orderBy: { day: 'asc' } })
      const held = await prisma().spendHold.findMany({ where: { userId } })
      return { days: days.map(({ tokens }) => Number(tokens)), held }
    },
    spent: (userId, tokens) => prisma().$executeRaw`
      INSERT INTO "DailySpend" ("userId", day, tokens) VALUES (${userId}, (now() AT TIME ZONE 'UTC')::date, ${tokens})
        ON CONFLICT ("userId", day) DO UPDATE SET tokens = excluded.tokens`,
    dayAgo: (userId) =>
      prisma().$executeRaw`UPDATE "DailySpend" SET day = day - 1 WHERE "userId" = ${userId}`,
    other: async (store, userId) => {
      const { sessionId } = sure(await store.openSession(joining(userId, { fresh: true })))
      return { userId, sessionId }
    },
  }
}
