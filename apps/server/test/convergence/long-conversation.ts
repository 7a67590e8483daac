import { openDatabase } from '../../src/db/connect.ts'
import { seedPersonas } from '../../src/db/personas.ts'
import { asVersion, builtInPersonas } from '../../src/personas/index.ts'
import { PRISMA_DIR } from '../harness/paths.ts'
import { recordingLog } from '../harness/recording-log.ts'

/** Messages of the shown branch: more than a page. */
const LENGTH = 63

/** Where the conversations are to be. */
export interface DatabasePlace {
  /** PostgreSQL; null: the embedded database of `dataDir`. */
  readonly url: string | null
  readonly dataDir: string
}

/**
 * Gives each of these people a long conversation with the persona, with another branch that leaves the
 * shown one long before its newest page. The database must not be in use.
 */
export async function fillConversations(
  { url, dataDir }: DatabasePlace,
  userIds: readonly string[],
  personaId: string,
): Promise<void> {
  const log = recordingLog().log
  const database = await openDatabase({ url, dataDir, prismaDir: PRISMA_DIR, log })
  const { prisma } = database
  await seedPersonas(database, builtInPersonas.map(asVersion))
  await prisma.$executeRaw`INSERT INTO "User" (id, name, email, "updatedAt")
    SELECT id, id, id || '@example.org', now() FROM unnest(${userIds}::text[]) id`
  await prisma.$executeRaw`INSERT INTO "ChatSession"
      (id, "userId", "personaId", title, revision, "activeLeafId", "updatedAt")
    SELECT 's-' || id, id, ${personaId}, 'long', ${LENGTH}::int + 2, 's-' || id || '-' || ${LENGTH}::int, now()
      FROM unnest(${userIds}::text[]) id`
  await prisma.$executeRaw`INSERT INTO "Message"
      (id, "sessionId", "parentId", seq, revision, sender, content, status, "replyId")
    SELECT s || '-' || n, s, CASE n WHEN 1 THEN NULL WHEN ${LENGTH}::int + 1 THEN s || '-3' ELSE s || '-' || n - 1 END,
        n, n, CASE n % 2 WHEN 0 THEN 'user' ELSE 'ai' END, 'old text ' || n, 'complete',
        CASE n % 2 WHEN 0 THEN s || '-' || n + 1 END
      FROM unnest(${userIds}::text[]) id CROSS JOIN generate_series(1, ${LENGTH}::int + 2) n
      CROSS JOIN LATERAL (SELECT 's-' || id AS s) names`
  await database.close()
}
