import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { compose, type Timing } from '../../src/compose.ts'
import { readEnv } from '../../src/env.ts'
import { copyEmbedded } from './embedded.ts'
import { PRISMA_DIR, ROOT } from './paths.ts'
import { type LogLine, recordingLog } from './recording-log.ts'

/** A whole server of a test's own, in this process, on real parts. */
export interface Parley {
  readonly url: string
  /** Where its embedded database lives; a later server may be started on it again. */
  readonly dataDir: string
  /** Everything that it logged so far. */
  readonly logged: readonly LogLine[]
  /** Ends it in order, as SIGTERM does. */
  close(): Promise<void>
  /** Ends it and removes its data. */
  remove(): Promise<void>
}

/** How a test's server differs from one started without any setting. */
export interface ParleyOptions {
  /** Environment variables. `DATABASE_URL` absent: the embedded database. */
  readonly env?: Readonly<Record<string, string>>
  /** Folder of a built page to serve. */
  readonly page?: string
  /** An embedded database that an earlier server left. */
  readonly dataDir?: string
  readonly timing?: Timing
}

/** Starts a server on a free port and waits until it listens. */
export async function startParley(options: ParleyOptions = {}): Promise<Parley> {
  const dataDir = options.dataDir ?? (await mkdtemp(join(tmpdir(), 'parley-test-')))
  const embedded = options.env?.DATABASE_URL === undefined
  if (embedded && options.dataDir === undefined) await copyEmbedded(dataDir)
  const env = readEnv(
    { PORT: '0', DATA_DIR: dataDir, PUBLIC_URL: 'http://localhost:3000', ...options.env },
    ROOT,
  )
  const { log, lines } = recordingLog()
  const application = await compose(
    env,
    { prisma: PRISMA_DIR, page: options.page ?? null },
    log,
    options.timing,
  )
  application.http.listen(env.PORT, env.HOST)
  await once(application.http, 'listening')
  const address = application.http.address()
  if (typeof address !== 'object' || address === null) throw new Error('the server has no port')
  return {
    url: `http://127.0.0.1:${address.port}`,
    dataDir,
    logged: lines,
    close: () => application.close(),
    remove: async () => {
      await application.close()
      await rm(dataDir, { recursive: true, force: true })
    },
  }
}
