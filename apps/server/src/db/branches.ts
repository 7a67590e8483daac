import { randomUUID } from 'node:crypto'
import { limits } from '@parley/protocol'
import type { ShownText, Store } from '../chat/ports.ts'
import { createCalls } from './calls.ts'
import type { Database } from './connect.ts'
import { Prisma } from './generated/client.ts'
import { Branch, Select } from './results.ts'
import type { StoreConfig } from './store.ts'

/** The Store's calls that make branches of a session and choose among them [M6]; `spend` is the budgets. */
export function createBranchCalls(
  { prisma }: Database,
  { nodeId, contextMessages, demo, leaseMs }: Required<Omit<StoreConfig, 'spend'>>,
  spend: Prisma.Sql,
): Pick<Store, 'editMessage' | 'regenerate' | 'selectBranch'> {
  const { sure } = createCalls(prisma)
  return {
    editMessage: (edit) =>
      sure(
        Branch,
        Prisma.sql`chat_edit_v3(${edit.userId}, ${edit.sessionId}, ${edit.messageId},
          ${edit.clientMessageId}, ${randomUUID()}, ${randomUUID()}, ${edit.content}, ${demo}, ${nodeId},
          ${leaseMs}::int, ${limits.siblings}::int, ${limits.repliesPerUser}::int,
          ${contextMessages}::int, ${texts(edit.shown)}, ${spend})`,
      ),

    regenerate: (request) =>
      sure(
        Branch,
        Prisma.sql`chat_regenerate_v3(${request.userId}, ${request.sessionId}, ${request.messageId},
          ${request.clientRequestId}, ${randomUUID()}, ${demo}, ${nodeId}, ${leaseMs}::int,
          ${limits.siblings}::int, ${limits.repliesPerUser}::int, ${contextMessages}::int,
          ${texts(request.shown)}, ${spend})`,
      ),

    selectBranch: ({ userId, sessionId, messageId, shown }) =>
      sure(
        Select,
        Prisma.sql`chat_select_v2(${userId}, ${sessionId}, ${messageId}, ${limits.pageMessages}::int,
          ${texts(shown)})`,
      ),
  }
}

function texts(shown: readonly ShownText[]): Prisma.Sql {
  return Prisma.sql`${JSON.stringify(shown)}::jsonb`
}
