import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { PrismaPg } from '@prisma/adapter-pg'
import { bindMigrationAwareSqlAdapterFactory } from '@prisma/driver-adapter-utils'
import * as engine from '@prisma/schema-engine-wasm/schema_engine_bg'
import pg from 'pg'
import { expect, it } from 'vitest'
import { PRISMA_DIR } from '../harness/paths.ts'
import { describeWithPostgres } from '../services/describe-with.ts'
import { openServer } from './stage.ts'

/** Every column, every constraint and every index, but for checks and partial indexes. */
const CATALOG = `
  SELECT table_name || '.' || column_name AS name,
      concat_ws(' ', data_type, datetime_precision, is_nullable, column_default) AS definition
    FROM information_schema.columns WHERE table_schema = 'public' AND table_name <> '_prisma_migrations'
  UNION ALL
  SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint
   WHERE connamespace = 'public'::regnamespace AND contype <> 'c' AND conrelid::regclass::text <> '_prisma_migrations'
  UNION ALL
  SELECT i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid) FROM pg_index i
    JOIN pg_class c ON c.oid = i.indrelid
   WHERE c.relnamespace = 'public'::regnamespace AND i.indpred IS NULL AND c.relname <> '_prisma_migrations'
  ORDER BY 1, 2`

describeWithPostgres('the migrated schema', ({ createDatabase }) => {
  it('is the one that schema.prisma describes, but for what Prisma cannot say', async () => {
    const [migrated, described] = [await createDatabase(), await createDatabase()]
    // Loads the engine as well.
    await (await openServer(migrated)).close()
    await query(described, await describedSql(described))
    const rows = await query(migrated, CATALOG)
    expect(rows.length).toBeGreaterThan(80)
    expect(rows).toEqual(await query(described, CATALOG))
  })
})

/** The SQL that makes an empty database what `schema.prisma` describes. */
async function describedSql(url: string): Promise<string> {
  const content = await readFile(join(PRISMA_DIR, 'schema.prisma'), 'utf8')
  const instance = await engine.SchemaEngine.new(
    { datamodels: [['schema.prisma', content]] },
    () => undefined,
    bindMigrationAwareSqlAdapterFactory(new PrismaPg({ connectionString: url })),
  )
  try {
    const { stdout } = await instance.diff({
      from: { tag: 'empty' },
      to: { tag: 'schemaDatamodel', files: [{ path: 'schema.prisma', content }] },
      script: true,
      exitCode: null,
      filters: { externalTables: [], externalEnums: [] },
    })
    return stdout ?? ''
  } finally {
    instance.free()
  }
}

async function query(url: string, sql: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    return (await client.query(sql)).rows
  } finally {
    await client.end()
  }
}
