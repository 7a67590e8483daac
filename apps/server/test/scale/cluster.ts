import { Client } from 'pg'
import { createClient } from 'redis'
import { afterEach } from 'vitest'
import { z } from 'zod'
import type { Timing } from '../../src/compose.ts'
import { type Parley, startParley } from '../harness/parley.ts'
import { type ModelServer, startModelServer } from '../model-server/server.ts'
import { modelEnv } from '../replies/stage.ts'
import { type CutLine, openLine } from '../services/cut-line.ts'
import type { SharedPostgres } from '../services/describe-with.ts'
import { type RedisServer, startRedis } from '../services/redis.ts'

/** A node with lines of its own to what it stands on. */
export interface Node {
  readonly parley: Parley
  readonly url: string
  readonly toRedis: CutLine
  readonly toDatabase: CutLine
}

/** Two nodes on one database, one Redis and one model. */
export interface Cluster {
  readonly model: ModelServer
  readonly redis: RedisServer
  readonly databaseUrl: string
  readonly nodes: readonly [Node, Node]
}

/** Starts clusters that end with the test. */
export function useClusters(
  postgres: SharedPostgres,
): (env?: Record<string, string>, timing?: Timing) => Promise<Cluster> {
  const ends: (() => Promise<unknown>)[] = []
  afterEach(async () => {
    for (const end of ends.splice(0).reverse()) await end()
  })
  const line = async (url: string) => {
    const opened = await openLine(url)
    ends.push(() => opened.close())
    return opened
  }
  return async (env = {}, timing) => {
    const model = await startModelServer()
    ends.push(() => model.close())
    const redis = await startRedis()
    ends.push(() => redis.stop())
    const databaseUrl = await postgres.createDatabase()
    const node = async (): Promise<Node> => {
      const [toRedis, toDatabase] = [await line(redis.url), await line(databaseUrl)]
      const urls = {
        REDIS_URL: toRedis.url,
        DATABASE_URL: toDatabase.url,
        BETTER_AUTH_SECRET: 's'.repeat(32),
      }
      const options = timing ? { timing } : {}
      const parley = await startParley({ env: { ...modelEnv(model), ...urls, ...env }, ...options })
      ends.push(() => parley.remove())
      return { parley, url: parley.url, toRedis, toDatabase }
    }
    return { model, redis, databaseUrl, nodes: [await node(), await node()] }
  }
}

/** What a node says of its broker. */
export async function brokerOf({ url }: { readonly url: string }): Promise<string> {
  const body = z.object({ broker: z.string() }).parse(await (await fetch(`${url}/readyz`)).json())
  return body.broker
}

/** Asks the database directly, past every node. */
export async function queryDatabase(url: string, sql: string, values: unknown[] = []): Promise<unknown[]> {
  const client = new Client({ connectionString: url })
  await client.connect()
  try {
    return (await client.query(sql, values)).rows
  } finally {
    await client.end()
  }
}

/** Asks Redis directly, as an operator would. */
export async function commandRedis<T>(
  url: string,
  command: (client: ReturnType<typeof newClient>) => Promise<T>,
): Promise<T> {
  const client = newClient(url)
  client.on('error', () => {})
  await client.connect()
  try {
    return await command(client)
  } finally {
    client.destroy()
  }
}

const newClient = (url: string) => createClient({ url })
