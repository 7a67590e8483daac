import { type PostgresServer, startPostgres } from '../../test/services/postgres.ts'
import { type RedisServer, startRedis } from '../../test/services/redis.ts'
import { makeNode, type ParleyNode } from './node.ts'
import type { Place } from './rows.ts'
import type { Script } from './script.ts'
import type { Stage } from './stage.ts'

/** Two nodes on one PostgreSQL and one Redis. */
export interface Cluster {
  readonly nodes: readonly [ParleyNode, ParleyNode]
  readonly postgres: PostgresServer
  readonly redis: RedisServer
  readonly place: Place & { readonly url: string }
}

/** What every node of an experiment shares. */
const SECRET = 'a secret of the fault suite, which keeps none'

/** The variables of a node that uses the model of a script. */
export function modelEnv(script: Script): Record<string, string> {
  return { OPENAI_BASE_URL: script.server.url, OPENAI_MODEL: 'test', BETTER_AUTH_SECRET: SECRET }
}

/** Starts PostgreSQL, Redis and two nodes. */
export async function startCluster(
  stage: Stage,
  script: Script,
  env: Readonly<Record<string, string>> = {},
  wayTo: WayTo = toItself,
): Promise<Cluster> {
  const services = await startServices(stage)
  return { ...services, ...(await startPair(stage, script, services, env, wayTo)) }
}

type WayTo = (databaseUrl: string) => Promise<string>

const toItself: WayTo = async (databaseUrl) => databaseUrl

/** What any number of pairs of nodes may share. */
export type Services = Pick<Cluster, 'postgres' | 'redis'>

/** Starts PostgreSQL and Redis; they end with the stage. */
export async function startServices(stage: Stage): Promise<Services> {
  const [postgres, redis] = await Promise.all([startPostgres(), startRedis()])
  stage.add(postgres, (it) => it.stop())
  stage.add(redis, (it) => it.stop())
  return { postgres, redis }
}

/**
 * Starts two nodes on a database of their own. `env` is added to what every node is given.
 *
 * @param wayTo what a node is told as the address of the database; each node asks for its own.
 */
export async function startPair(
  stage: Stage,
  script: Script,
  { postgres, redis }: Services,
  env: Readonly<Record<string, string>> = {},
  wayTo: WayTo = toItself,
): Promise<Pick<Cluster, 'nodes' | 'place'>> {
  const url = await postgres.createDatabase()
  const own = async () => ({
    ...modelEnv(script),
    DATABASE_URL: await wayTo(url),
    REDIS_URL: redis.url,
    ...env,
  })
  const nodes = [await makeNode(stage, await own()), await makeNode(stage, await own())] as const
  // One after the other: the first one migrates.
  for (const node of nodes) await node.start()
  return { nodes, place: { url } }
}
