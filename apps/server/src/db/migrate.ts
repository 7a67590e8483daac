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
  const instance = await engine.SchemaEngine.new(
    { datamodels: [['schema.prisma', schema]] },
    () => undefined,
    bindMigrationAwareSqlAdapterFactory(withWholeScripts(target)),
  )
  try {
    const { appliedMigrationNames } = await instance.applyMigrations({
      migrationsList: migrations,
      filters: { externalTables: [], externalEnums: [] },
    })
    return appliedMigrationNames
  } finally {
    instance.free()
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
 * The adapters' own `executeScript` cannot run functions: that of `pg` splits the script at every
 * `;`, that of PGlite does not wait for the outcome.
 */
function withWholeScripts(target: MigrationTarget): SqlMigrationAwareDriverAdapterFactory {
  const { adapterFactory } = target
  return {
    provider: adapterFactory.provider,
    adapterName: adapterFactory.adapterName,
    connectToShadowDb: () => adapterFactory.connectToShadowDb(),
    connect: async () => {
      const adapter = await adapterFactory.connect()
      adapter.executeScript = (script) => target.runScript(script)
      return adapter
    },
  }
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
