import { randomUUID } from 'node:crypto'
import type { TestProject } from 'vitest/node'
import { environment } from './environment.ts'
import { findNginx } from './nginx.ts'
import { dropDatabases, startPostgres } from './postgres.ts'
import { ProgramMissing } from './programs.ts'
import { startRedis } from './redis.ts'

/** A server that all test files share, or why there is none. */
export type SharedService =
  | { readonly url: string; readonly databasePrefix: string }
  | { readonly url: null; readonly reason: string }

declare module 'vitest' {
  export interface ProvidedContext {
    postgres: SharedService
    redis: SharedService
    /** Why no test can start an nginx; null: each starts its own. */
    nginxMissing: string | null
  }
}

/** Starts PostgreSQL and Redis once for the whole run, and ends them after it. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const databasePrefix = `parley_${randomUUID().slice(0, 8)}_`
  const services = await Promise.all([
    share(environment.TEST_DATABASE_URL, 'TEST_DATABASE_URL', databasePrefix, startPostgres),
    share(environment.TEST_REDIS_URL, 'TEST_REDIS_URL', databasePrefix, startRedis),
  ])
  const [postgres, redis] = services
  project.provide('postgres', postgres.shared)
  project.provide('redis', redis.shared)
  project.provide('nginxMissing', whyMissing(findNginx))
  return async () => {
    // A server that was there before keeps running, so what the tests made on it has to go.
    const external = environment.TEST_DATABASE_URL
    if (external) await dropDatabases(external, databasePrefix)
    await Promise.all(services.map((service) => service.stop()))
  }
}

function whyMissing(find: () => string): string | null {
  try {
    find()
    return null
  } catch (error) {
    if (error instanceof ProgramMissing) return error.message
    throw error
  }
}

async function share(
  url: string | undefined,
  variable: string,
  databasePrefix: string,
  start: () => Promise<{ readonly url: string; stop(): Promise<void> }>,
): Promise<{ shared: SharedService; stop: () => Promise<void> }> {
  if (url) return { shared: { url, databasePrefix }, stop: async () => {} }
  try {
    const server = await start()
    return { shared: { url: server.url, databasePrefix }, stop: () => server.stop() }
  } catch (error) {
    if (!(error instanceof ProgramMissing)) throw error
    const reason = `${error.message}, and ${variable} is not set`
    return { shared: { url: null, reason }, stop: async () => {} }
  }
}
