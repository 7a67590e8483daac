import { limits } from '@parley/protocol'
import type { Store } from '../chat/ports.ts'
import { createCalls } from './calls.ts'
import type { Database } from './connect.ts'
import { withFaults } from './faults.ts'
import { Prisma } from './generated/client.ts'
import { History, Messages, Snapshot, Standing, Sync } from './results.ts'

/** The Store's reads of sessions. Each is one statement, so it sees one moment [J1]. */
export function createSessionReads({
  prisma,
}: Database): Pick<
  Store,
  'snapshot' | 'history' | 'sync' | 'sessions' | 'allSessions' | 'messagesAfter' | 'person' | 'standing'
> {
  const { one } = createCalls(prisma)
  const newest = async (userId: string, limit?: number) => {
    const rows = await withFaults(() =>
      prisma.chatSession.findMany({
        where: { userId },
        orderBy: { updatedAt: 'desc' },
        ...(limit === undefined ? {} : { take: limit }),
      }),
    )
    return rows.map(({ id, personaId, title, revision, activeLeafId, createdAt, updatedAt }) => ({
      id,
      personaId,
      title,
      revision,
      activeLeafId,
      createdAt: createdAt.toISOString(),
      updatedAt: updatedAt.toISOString(),
    }))
  }
  return {
    snapshot: (userId, sessionId) =>
      one(Snapshot, Prisma.sql`chat_snapshot_v1(${userId}, ${sessionId}, ${limits.pageMessages}::int)`),

    history: (userId, sessionId, beforeSeq, limit) =>
      one(History, Prisma.sql`chat_history_v1(${userId}, ${sessionId}, ${beforeSeq}::int, ${limit}::int)`),

    sync: (userId, sessionId, afterRevision) =>
      one(
        Sync,
        Prisma.sql`chat_sync_v1(${userId}, ${sessionId}, ${afterRevision}::int,
          ${limits.syncChanges}::int, ${limits.pageMessages}::int)`,
      ),

    sessions: (userId, limit) => newest(userId, limit),

    allSessions: (userId) => newest(userId),

    messagesAfter: async (sessionId, afterSeq, limit) => {
      const rows = await withFaults(
        () => prisma.$queryRaw`SELECT chat_message_json_v1(m) AS message FROM "Message" m
          WHERE m."sessionId" = ${sessionId} AND m.seq > ${afterSeq}::int ORDER BY m.seq LIMIT ${limit}::int`,
      )
      return Messages.parse(rows).map(({ message }) => message)
    },

    person: async (userId) => {
      const user = await withFaults(() => prisma.user.findUnique({ where: { id: userId } }))
      if (!user) return null
      const { id, name, email, createdAt } = user
      const hasEmail = !email.endsWith('.invalid')
      return { id, name, email: hasEmail ? email : null, createdAt: createdAt.toISOString() }
    },

    standing: async ({ sessionIds, userIds, withinMs }) => {
      const rows = await withFaults(
        () => prisma.$queryRaw`SELECT c."userId", chat_session_json_v1(c) AS session FROM "ChatSession" c
          WHERE c.id = ANY(${[...sessionIds]}::text[]) OR (c."userId" = ANY(${[...userIds]}::text[])
            AND c."updatedAt" > now() - ${withinMs}::float8 * interval '1 ms')`,
      )
      return Standing.parse(rows)
    },
  }
}
