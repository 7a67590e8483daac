import { z } from 'zod'
import { openDatabase } from '../../src/db/connect.ts'
import { PRISMA_DIR } from './paths.ts'
import { recordingLog } from './recording-log.ts'

/** Where a database is: a server's by `url`, else the embedded one in `dataDir`. */
export interface Place {
  readonly url: string | null
  readonly dataDir: string
}

const Tables = z.array(z.object({ name: z.string() }))
const Rows = z.array(z.object({ row: z.string() }))

/**
 * Every row of every table as text, by the table's name; a table that joins is read by itself. An embedded
 * database must not be open elsewhere.
 */
export async function dumpTables({ url, dataDir }: Place): Promise<Readonly<Record<string, string[]>>> {
  const { log } = recordingLog()
  const database = await openDatabase({ url, dataDir, prismaDir: PRISMA_DIR, log })
  const ask = (sql: string): Promise<unknown> => database.prisma.$queryRawUnsafe(sql)
  try {
    const tables = await ask(
      `SELECT table_name::text AS name FROM information_schema.tables
        WHERE table_schema = 'public' AND table_type = 'BASE TABLE' ORDER BY 1`,
    )
    const dump: Record<string, string[]> = {}
    for (const { name } of Tables.parse(tables)) {
      const rows = Rows.parse(await ask(`SELECT t::text AS row FROM "${name}" t`))
      dump[name] = rows.map(({ row }) => row).sort()
    }
    return dump
  } finally {
    await database.close()
  }
}
