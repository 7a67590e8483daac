import { createHash } from 'node:crypto'
import { cp, mkdtemp, readdir, readFile, rename, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openDatabase } from '../../src/db/connect.ts'
import { PRISMA_DIR } from './paths.ts'
import { recordingLog } from './recording-log.ts'

/**
 * Fills a folder with an embedded database that is migrated already. Making one takes seconds, so it is
 * made once for each state of the migrations and copied from then on.
 */
export async function copyEmbedded(dataDir: string): Promise<void> {
  const template = join(tmpdir(), `parley-test-template-${await migrationsHash()}`)
  if (!(await exists(template))) await makeTemplate(template)
  await cp(join(template, 'pglite'), join(dataDir, 'pglite'), { recursive: true })
}

async function makeTemplate(template: string): Promise<void> {
  const draft = await mkdtemp(join(tmpdir(), 'parley-test-draft-'))
  const database = await openDatabase({
    url: null,
    dataDir: draft,
    prismaDir: PRISMA_DIR,
    log: recordingLog().log,
  })
  await database.close()
  // Another test file may have been faster; either copy is as good.
  await rename(draft, template).catch(() => rm(draft, { recursive: true, force: true }))
}

async function migrationsHash(): Promise<string> {
  const folder = join(PRISMA_DIR, 'migrations')
  const hash = createHash('sha256')
  for (const name of (await readdir(folder, { recursive: true })).sort()) {
    if (name.endsWith('.sql')) hash.update(name).update(await readFile(join(folder, name)))
  }
  return hash.digest('hex').slice(0, 16)
}

const exists = (path: string) =>
  stat(path).then(
    () => true,
    () => false,
  )
