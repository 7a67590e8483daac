import type { Readiness } from '@parley/protocol'
import { systemClock } from './chat/system-clock.ts'
import { within } from './chat/within.ts'
import type { Database } from './db/connect.ts'
import type { Broker } from './realtime/redis.ts'

/** How long a part may take to show that it is up, in milliseconds. */
const PROBE_MS = 2_000

/** What of this process works. Without the broker it serves its own sockets, so it stays ready. */
export async function readinessOf(
  database: Database,
  broker: Broker | null,
  shuttingDown: boolean,
): Promise<Readiness> {
  const [databaseUp, brokerUp] = await Promise.all([
    answers(() => database.prisma.$queryRaw`SELECT 1`.then(() => true)),
    broker ? answers(() => broker.ready()) : null,
  ])
  return {
    ready: databaseUp && !shuttingDown,
    database: databaseUp ? 'up' : 'down',
    broker: brokerUp === null ? 'none' : brokerUp ? 'up' : 'down',
    shuttingDown,
  }
}

async function answers(probe: () => Promise<boolean>): Promise<boolean> {
  return (await within(systemClock, PROBE_MS, probe()).catch(() => false)) ?? false
}
