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

function describeWith(
  service: SharedService,
  title: string,
  body: (url: string, databasePrefix: string) => void,
): void {
  if (service.url !== null) {
    describe(title, () => body(service.url, service.databasePrefix))
    return
  }
  // The body runs all the same, so that each of its tests is counted and none is left out silently.
  describe(title, { skip: true, meta: { skipReason: service.reason } }, () => body('', ''))
}
