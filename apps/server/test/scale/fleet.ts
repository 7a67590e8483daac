import { onTestFinished } from 'vitest'
import type { ModelServer } from '../model-server/server.ts'
import { useModel } from '../process/model.ts'
import { dataDirectory, type ServerProcess, startServer } from '../process/server-process.ts'
import { describeWithNginx, describeWithPostgres, describeWithRedis } from '../services/describe-with.ts'
import { type Nginx, startNginx } from '../services/nginx.ts'

/** One of the servers behind the proxy. */
export interface Node {
  /** Its own address, past the proxy. */
  readonly url: string
  /** The process that runs now, or ran last. */
  process(): ServerProcess
  /** Starts it again in the same place, after it has ended. */
  start(): Promise<void>
}

/** Two servers in processes of their own on one database and one broker, behind nginx. */
export interface Fleet {
  /** The proxy's address. */
  readonly url: string
  readonly nginx: Nginx
  readonly nodes: readonly [Node, Node]
  readonly model: ModelServer
}

/** Starts a fleet that ends with the test; `env` is what its servers are told besides. */
export type StartFleet = (env?: Readonly<Record<string, string>>) => Promise<Fleet>

/** What a fleet without trust in names needs, so that a guest of one server is one of the other too. */
export const GUESTS = {
  TRUST_CLIENT_USER_ID: '',
  BETTER_AUTH_SECRET: 'of both servers, 32 characters or more',
}

/** A suite that starts fleets, each of which ends with its test; skipped with the reason where a part is missing. */
export function describeFleet(title: string, body: (start: StartFleet) => void): void {
  describeWithNginx(title, () =>
    describeWithPostgres('on one database', (postgres) =>
      describeWithRedis('and one broker', (redis) =>
        body(async (env = {}) =>
          startFleet({ ...env, DATABASE_URL: await postgres.createDatabase(), REDIS_URL: redis.url }),
        ),
      ),
    ),
  )
}

async function startFleet(own: Readonly<Record<string, string>>): Promise<Fleet> {
  const { env, model } = await useModel()
  const shared = { ...env, TRUST_PROXY: '1', ...own, DATA_DIR: await dataDirectory() }
  // At once, as a first `docker compose up` does: one of them waits for the other's migrations.
  const nodes = await Promise.all([startNode(shared), startNode(shared)] as const)
  const [first, second] = nodes
  const nginx = await startNginx([new URL(first.url).host, new URL(second.url).host])
  onTestFinished(() => nginx.stop())
  return { url: nginx.url, nginx, nodes, model }
}

async function startNode(settings: Record<string, string>): Promise<Node> {
  let running = await startServer(settings)
  const { url } = running
  return {
    url,
    process: () => running,
    start: async () => {
      running = await startServer({ ...settings, PORT: new URL(url).port })
    },
  }
}
