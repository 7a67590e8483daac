import { randomUUID } from 'node:crypto'
import { limits } from '@parley/protocol'
import { type FlushRow, type FlushState, type ReplyEnd, type Store, TooManySessions } from '../chat/ports.ts'
import { createBranchCalls } from './branches.ts'
import { createCalls } from './calls.ts'
import type { Database } from './connect.ts'
import { withFaults } from './faults.ts'
import { Prisma } from './generated/client.ts'
import { createPersonaReads } from './personas.ts'
import { Change, Claimed, CommitTurn, FinishReply, Opened, Started, StopReply } from './results.ts'
import { createSessionReads } from './sessions.ts'

/** What a store is told of the process that uses it. */
export interface StoreConfig {
  /** Names this process as the owner of the replies it writes; another one for every start. */
  readonly nodeId: string
  /** Ancestors that a prompt may hold at most. */
  readonly contextMessages: number
  /** Whether replies committed here are marked as a demo. */
  readonly demo: boolean
  /** How long a reply stays owned without a sign of life, in milliseconds. */
  readonly leaseMs?: number
  /** What people may spend; absent: anything, and nothing is counted. */
  readonly spend?: SpendLimits
}

/** Tokens of the model that people may spend within a day (UTC); 0 is any number. */
export interface SpendLimits {
  readonly guest: number
  readonly account: number
  /** Tokens that the model writes in one reply at most. */
  readonly reply: number
}

/** The Store on PostgreSQL and PGlite. The hot path is one function call each; see `prisma/migrations`. */
export function createStore(database: Database, config: StoreConfig): Store {
  const { prisma } = database
  const { nodeId, contextMessages, demo, leaseMs = limits.leaseMs } = config
  const { one, many, sure } = createCalls(prisma)
  const spend = spendParameter(config)

  return {
    ...createPersonaReads(database),
    ...createSessionReads(database),
    ...createBranchCalls(database, { nodeId, contextMessages, demo, leaseMs }, spend),

    commitTurn: (turn) =>
      sure(
        CommitTurn,
        Prisma.sql`chat_commit_turn_v3(${turn.userId}, ${turn.sessionId}, ${turn.clientMessageId},
          ${randomUUID()}, ${randomUUID()}, ${turn.content}, ${turn.title}, ${demo}, ${nodeId},
          ${leaseMs}::int, ${limits.waitingReplies}::int, ${limits.repliesPerUser}::int,
          ${contextMessages}::int, ${spend})`,
      ),

    findTurn: (userId, sessionId, clientMessageId) =>
      one(Change, Prisma.sql`chat_find_turn_v1(${userId}, ${sessionId}, ${clientMessageId})`),

    finishReply: (end, startNext = true) =>
      sure(FinishReply, finishCall(end, startNext ? nodeId : null, leaseMs, contextMessages, spend)),

    addShown: ({ replyId, epoch, text }) =>
      one(Change, Prisma.sql`chat_add_shown_v1(${nodeId}, ${replyId}, ${epoch}::int, ${text})`),

    flush: (rows) => withFaults(() => flush(prisma, rows, leaseMs)),

    stopReply: (userId, sessionId, replyId) =>
      sure(StopReply, Prisma.sql`chat_stop_reply_v1(${userId}, ${sessionId}, ${replyId})`),

    claimReplies: ({ limit, held, alone, continues = false }) =>
      many(
        Claimed,
        Prisma.sql`chat_claim_v3(${nodeId}, ${limit}::int, ${leaseMs}::int, ${[...held]}::text[],
          ${alone}, ${continues}, ${contextMessages}::int, ${spend})`,
      ),

    startStranded: (limit) =>
      many(
        Started,
        Prisma.sql`chat_start_stranded_v2(${nodeId}, ${limit}::int, ${leaseMs}::int,
          ${contextMessages}::int, ${spend})`,
      ),

    releaseReplies: async () => {
      await withFaults(() => prisma.$queryRaw`SELECT chat_release_v1(${nodeId})`)
    },

    openSession: async (request) => {
      const opened = await one(
        Opened,
        Prisma.sql`chat_open_session_v2(${request.userId}, ${request.personaId}, ${request.sessionId},
          ${request.fresh}, ${request.clientRequestId}, ${randomUUID()}, ${randomUUID()},
          ${request.greeting}, ${request.personaVersionId}, ${limits.sessionsPerUserAndDay}::int)`,
      )
      if (opened && 'retryAfterMs' in opened) throw new TooManySessions(opened.retryAfterMs)
      return opened
    },
  }
}

function finishCall(
  end: ReplyEnd,
  nodeId: string | null,
  leaseMs: number,
  contextMessages: number,
  spend: Prisma.Sql,
): Prisma.Sql {
  return Prisma.sql`chat_finish_reply_v2(${end.replyId}, ${end.epoch}::int, ${end.status}, ${end.content},
    ${end.finishReason}, ${end.error}, ${end.usage?.promptTokens ?? null}::int,
    ${end.usage?.completionTokens ?? null}::int, ${end.tokens}::bigint, ${end.demo}, ${nodeId},
    ${leaseMs}::int, ${contextMessages}::int, ${spend})`
}

/** The budgets as the functions take them. A demo costs nothing. */
function spendParameter({ spend, demo }: StoreConfig): Prisma.Sql {
  const isLimited = spend !== undefined && !demo && (spend.guest > 0 || spend.account > 0)
  return Prisma.sql`${isLimited ? JSON.stringify(spend) : null}::jsonb`
}

async function flush(
  prisma: Database['prisma'],
  rows: readonly FlushRow[],
  leaseMs: number,
): Promise<ReadonlyMap<string, FlushState>> {
  const kept = await prisma.$queryRaw<{ reply_id: string; stop: boolean }[]>`
    SELECT reply_id, stop FROM chat_flush_v1(${JSON.stringify(rows)}::jsonb, ${leaseMs}::int)`
  const stops = new Map(kept.map((row) => [row.reply_id, row.stop]))
  return new Map(
    rows.map(({ replyId }) => {
      const stop = stops.get(replyId)
      return [replyId, stop === undefined ? 'lost' : stop ? 'stop' : 'held']
    }),
  )
}
