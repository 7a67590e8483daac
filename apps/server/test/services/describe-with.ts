import { describe, inject } from 'vitest'
import type { SharedService } from './global-setup.ts'
import { createDatabase } from './postgres.ts'

declare module 'vitest' {
  interface TaskMeta {
    /** Why a test is skipped; `pnpm test` prints it. */
    skipReason?: string
  }
}

/** The PostgreSQL server that all test files share. */
export interface SharedPostgres {
  /** Makes a database for one test file or test, and gives its URL. */
  createDatabase(): Promise<string>
}

/** A suite on a real PostgreSQL server; skipped with the reason where there is none. */
export function describeWithPostgres(title: string, body: (postgres: SharedPostgres) => void): void {
  describeWith(inject('postgres'), title, (url, prefix) =>
    body({ createDatabase: () => createDatabase(url, prefix) }),
  )
}

/** A suite on a real Redis server that all test files share; skipped with the reason where there is none. */
export function describeWithRedis(title: string, body: (redis: { readonly url: string }) => void): void {
  describeWith(inject('redis'), title, (url) => body({ url }))
}

/** A suite that starts an nginx of its own; skipped with the reason where it is not installed. */
export function describeWithNginx(title: string, body: () => void): void {
  const reason = inject('nginxMissing')
  if (reason === null) describe(title, body)
  else skip(title, reason, body)
}

function describeWith(
  service: SharedService,
  title: string,
  body: (url: string, databasePrefix: string) => void,
): void {
  if (service.url !== null) {
    describe(title, () => body(service.url, service.databasePrefix))
    return
  }
  skip(title, service.reason, () => body('', ''))
}

/** The body runs all the same, so that each of its tests is counted and none is left out silently. */
function skip(title: string, skipReason: string, body: () => void): void {
  describe(title, { skip: true, meta: { skipReason } }, body)
}
