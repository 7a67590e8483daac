import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The repository's root. */
export const ROOT = fileURLToPath(new URL('../../../..', import.meta.url))
/** Folder of the schema and the migrations. */
export const PRISMA_DIR = join(ROOT, 'prisma')
