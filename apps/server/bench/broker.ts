import { setTimeout } from 'node:timers/promises'
import { createAdapter } from '@socket.io/redis-streams-adapter'
import { createClient } from 'redis'
import { Server, type ServerOptions } from 'socket.io'
import { connectRedis } from '../src/realtime/redis.ts'
import { STREAM } from '../src/realtime/stream.ts'
import { startRedis } from '../test/services/redis.ts'
import { benchLog } from './setting.ts'

/**
 * What an idle process spends on its broker, in percent of a core, while Redis is there, refuses to be
 * read, and is away; beside the same with the adapter alone.
 */
const WINDOW_MS = 5_000
/** The longest that a read waits for entries, in milliseconds. */
const READ_MS = 6_000
/** Where the adapter alone keeps its stream. */
const BARE_STREAM = 'socket.io'

type Adapter = ServerOptions['adapter']

const quiet = { ...benchLog, warn: () => {} }

await compare('Parley', STREAM, async (url) => {
  const broker = await connectRedis(url, quiet)
  return { adapter: broker.adapter, close: () => broker.close() }
})
await compare('the adapter alone', BARE_STREAM, async (url) => {
  const client = createClient({ url })
  client.on('error', () => {})
  await client.connect()
  const adapter: Adapter = createAdapter(client)
  return { adapter, close: async () => client.destroy() }
})
// The adapter alone leaves connections open.
process.exit()

async function compare(
  name: string,
  stream: string,
  open: (url: string) => Promise<{ readonly adapter: Adapter; close(): Promise<void> }>,
): Promise<void> {
  const redis = await startRedis()
  const operator = createClient({ url: redis.url })
  operator.on('error', () => {})
  await operator.connect()
  const { adapter, close } = await open(redis.url)
  const io = new Server({ ...(adapter && { adapter }) })
  io.of('/chat')
  await setTimeout(1_000)
  const there = await share()
  await operator.set(stream, 'no stream')
  // A read that waits already goes on until its time is over.
  await setTimeout(READ_MS)
  const refused = await share()
  operator.destroy()
  await redis.kill9()
  const away = await share()
  console.log(`${name}: Redis there ${there} %, refusing ${refused} %, away ${away} % of a core`)
  await close()
  await redis.stop()
}

/** Processor time of this process in a window, in percent of a core. */
async function share(): Promise<string> {
  const before = process.cpuUsage()
  const began = performance.now()
  await setTimeout(WINDOW_MS)
  const { user, system } = process.cpuUsage(before)
  return ((user + system) / 10 / (performance.now() - began)).toFixed(1)
}
