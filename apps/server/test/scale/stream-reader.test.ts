import { afterEach, beforeEach, expect, it } from 'vitest'
import { connectRedis } from '../../src/realtime/redis.ts'
import { createRedisClient, type RedisClient } from '../../src/realtime/redis-client.ts'
import { STREAM } from '../../src/realtime/stream.ts'
import { StreamReader } from '../../src/realtime/stream-reader.ts'
import { recordingLog } from '../harness/recording-log.ts'
import { describeWithRedis } from '../services/describe-with.ts'
import { type RedisServer, startRedis } from '../services/redis.ts'

const BATCH = 100

/** A reader on a Redis of its own, before each test. */
function useReader() {
  let server: RedisServer
  let redis: RedisClient
  let line: RedisClient
  let reader: StreamReader
  let missed = 0

  const connect = async () => {
    const client = createRedisClient(server.url, () => false)
    client.on('error', () => {})
    await client.connect()
    return client
  }
  const texts = async () => {
    const answer = await reader.read(BATCH, 20)
    return answer?.flatMap(({ messages }) => messages.map(({ message }) => message.text)) ?? []
  }
  beforeEach(async () => {
    server = await startRedis()
    redis = await connect()
    line = await connect()
    reader = new StreamReader(line, { onMissed: () => missed++, onFailure: () => {} })
    // The first read finds its place.
    await texts()
    missed = 0
  })
  afterEach(async () => {
    redis.destroy()
    line.destroy()
    await server.stop()
  })

  return {
    url: () => server.url,
    redis: () => redis,
    add: (text: string, id = '*') => redis.xAdd(STREAM, id, { text }),
    /** What one read brings. */
    texts,
    /** How often the reader said that it may have missed something. */
    missed: () => missed,
    /** Reads on until `last` came and something holds. */
    readUntil: async (last: string, holds: () => boolean) => {
      const all: (string | undefined)[] = []
      const read = async () => {
        all.push(...(await texts()))
        return all.includes(last) && holds()
      }
      await expect.poll(read, { timeout: 10_000 }).toBe(true)
      return all
    },
  }
}

describeWithRedis('the reader of broadcasts', () => {
  const { url, redis, add, texts, missed, readUntil } = useReader()

  it('misses nothing that comes between two reads, not even before its first entry', async () => {
    await add('between')
    expect(await texts()).toEqual(['between'])
    await add('a')
    await add('b')
    expect(await texts()).toEqual(['a', 'b'])
    expect(missed()).toBe(0)
  })

  it('says so when the stream was emptied before it was read, and goes on with the new one', async () => {
    await add('lost')
    await redis().flushAll()
    await add('new')
    expect(await readUntil('new', () => missed() > 0)).toEqual(['new'])
  })

  it('says so when only the stream is gone, as an eviction leaves it', async () => {
    await add('read')
    await texts()
    await add('lost')
    await redis().del(STREAM)
    await add('new')
    expect(await readUntil('new', () => missed() > 0)).toEqual(['new'])
  })

  it('reads on when the ids went back, as those of a Redis with another clock', async () => {
    await add('of the future', '99999999999999-0')
    await texts()
    await redis().del(STREAM)
    await add('of now')
    await readUntil('of now', () => missed() > 0)
  })

  it('says so when entries were trimmed before it was read, and not when they were many', async () => {
    await add('read')
    await texts()
    for (let count = 0; count < 2 * BATCH; count++) await add(`${count}`)
    await readUntil(`${2 * BATCH - 1}`, () => true)
    await texts()
    expect(missed()).toBe(0)
    for (let count = 0; count < 3 * BATCH; count++) await add(`again ${count}`)
    await redis().xTrim(STREAM, 'MAXLEN', 2 * BATCH)
    await readUntil(`again ${3 * BATCH - 1}`, () => missed() > 0)
  })

  it('[erasure] text is gone from Redis by its age, and the reader does not take that for a loss', async () => {
    const keeping = { keepMs: 500, trimEveryMs: 100 }
    const broker = await connectRedis(url(), recordingLog().log, keeping)
    await add('something personal')
    expect(await texts()).toEqual(['something personal'])
    await expect.poll(() => redis().xLen(STREAM), { timeout: 10_000 }).toBe(0)
    await add('and on')
    expect(await readUntil('and on', () => true)).toEqual(['and on'])
    expect(missed()).toBe(0)
    await broker.close()
  })
})
