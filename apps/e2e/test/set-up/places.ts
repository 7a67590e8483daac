import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The repository's root. */
export const ROOT = fileURLToPath(new URL('../../../..', import.meta.url))
/** What `pnpm start` runs. */
export const START = join(ROOT, 'scripts/start.mjs')
/** What `pnpm build` must have made. */
export const BUILT = [join(ROOT, 'apps/server/dist/main.js'), join(ROOT, 'apps/web/dist/index.html')]
/** An embedded database that is migrated already, copied for each server of a test. */
export const TEMPLATE = fileURLToPath(new URL('../../test-results/template', import.meta.url))
