import { readdir, readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import {
  bindMigrationAwareSqlAdapterFactory,
  type SqlMigrationAwareDriverAdapterFactory,
} from '@prisma/driver-adapter-utils'
import * as engine from '@prisma/schema-engine-wasm/schema_engine_bg'

/** What the migrator needs of a database. */
export interface MigrationTarget {
  readonly adapterFactory: SqlMigrationAwareDriverAdapterFactory
  /** Runs a whole script of SQL, `$$` bodies included, and fails if any of it fails. */
  runScript(script: string): Promise<void>
}

/**
 * Applies the migrations of `prismaDir` that the database lacks, and keeps `_prisma_migrations` as
 * the Prisma CLI would. Uses the WebAssembly build of the schema engine: nothing is downloaded.
 * Several processes may call it at once; the engine's advisory lock puts them in a row.
 *
 * @returns names of the migrations that were applied, oldest first.
 */
export async function migrate(target: MigrationTarget, prismaDir: string): Promise<string[]> {
  const migrations = await readMigrations(join(prismaDir, 'migrations'))
  const schema = await readFile(join(prismaDir, 'schema.prisma'), 'utf8')
  await loadEngine()
  const scripts = new WholeScripts(target, migrations.migrationDirectories)
  await target.runScript(RETRY_UNFINISHED)
  const instance = await engine.SchemaEngine.new(
    { datamodels: [['schema.prisma', schema]] },
    () => undefined,
    bindMigrationAwareSqlAdapterFactory(scripts.adapterFactory()),
  )
  try {
    const { appliedMigrationNames } = await instance.applyMigrations({
      migrationsList: migrations,
      filters: { externalTables: [], externalEnums: [] },
    })
    return appliedMigrationNames
  } catch (cause) {
    throw scripts.failure ?? cause
  } finally {
    instance.free()
    await scripts.dispose()
  }
}

let loaded: Promise<void> | undefined

/** The engine is one instance a process: its JavaScript half keeps the WebAssembly in a module variable. */
function loadEngine(): Promise<void> {
  loaded ??= instantiate()
  return loaded
}

async function instantiate(): Promise<void> {
  const file = createRequire(import.meta.url).resolve('@prisma/schema-engine-wasm/schema_engine_bg')
  const module = await WebAssembly.compile(await readFile(file.replace(/\.js$/, '.wasm')))
  const { exports } = await WebAssembly.instantiate(module, { './schema_engine_bg.js': engine })
  engine.__wbg_set_wasm(exports)
  if (typeof exports.__wbindgen_start === 'function') exports.__wbindgen_start()
}

/**
 * Every script runs whole and with its own record (see below), so one that is recorded as begun and not
 * as finished has left nothing: its process was killed, or it failed. The next start tries it again; the
 * engine alone would refuse to start until somebody repairs the record by hand. The lock is the engine's.
 */
const RETRY_UNFINISHED = `
DO $$ BEGIN
  IF to_regclass('"_prisma_migrations"') IS NOT NULL THEN
    PERFORM pg_advisory_xact_lock(72707369);
    UPDATE "_prisma_migrations" SET rolled_back_at = now()
     WHERE finished_at IS NULL AND rolled_back_at IS NULL;
  END IF;
END $$`

interface MigrationDirectory {
  readonly path: string
  readonly migrationFile: { readonly content: { readonly value: string } }
}

/**
 * The adapters' own `executeScript` cannot run functions: that of `pg` splits the script at every
 * `;`, that of PGlite does not wait for the outcome. The engine does not tell why a script failed and
 * does not close its connections, so both are kept here.
 */
class WholeScripts {
  /** Why a migration failed, and which. */
  failure: Error | null = null
  readonly #target: MigrationTarget
  readonly #migrations: readonly MigrationDirectory[]
  readonly #opened: { dispose(): Promise<void> }[] = []

  constructor(target: MigrationTarget, migrations: readonly MigrationDirectory[]) {
    this.#target = target
    this.#migrations = migrations
  }

  adapterFactory(): SqlMigrationAwareDriverAdapterFactory {
    const { adapterFactory } = this.#target
    return {
      provider: adapterFactory.provider,
      adapterName: adapterFactory.adapterName,
      connectToShadowDb: () => adapterFactory.connectToShadowDb(),
      connect: async () => {
        const adapter = await adapterFactory.connect()
        this.#opened.push(adapter)
        adapter.executeScript = (script) => this.#run(script)
        return adapter
      },
    }
  }

  async dispose(): Promise<void> {
    await Promise.all(this.#opened.map((adapter) => adapter.dispose()))
  }

  async #run(script: string): Promise<void> {
    const name = this.#migrations.find(({ migrationFile }) => migrationFile.content.value === script)?.path
    try {
      await this.#target.runScript(name === undefined ? script : `${script}\n;\n${finished(name)}`)
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause)
      this.failure = new Error(`the migration ${name} failed: ${reason}`, { cause })
      throw cause
    }
  }
}

/** Records a migration in the transaction of its own script; the engine does so again after it. */
function finished(name: string): string {
  return `UPDATE "_prisma_migrations" SET finished_at = now(), applied_steps_count = 1
    WHERE migration_name = '${name.replaceAll("'", "''")}' AND finished_at IS NULL AND rolled_back_at IS NULL;`
}

async function readMigrations(baseDir: string) {
  const entries = await readdir(baseDir, { withFileTypes: true })
  const names = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name)
  const migrationDirectories = await Promise.all(
    names.sort().map(async (path) => {
      const content = await readFile(join(baseDir, path, 'migration.sql'), 'utf8')
      return {
        path,
        migrationFile: { path: 'migration.sql', content: { tag: 'ok' as const, value: content } },
      }
    }),
  )
  const lockfile = await readFile(join(baseDir, 'migration_lock.toml'), 'utf8')
  return {
    baseDir,
    lockfile: { path: 'migration_lock.toml', content: lockfile },
    shadowDbInitScript: '',
    migrationDirectories,
  }
}
