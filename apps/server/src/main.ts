import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { type Application, compose } from './compose.ts'
import { type Env, loadEnv } from './env.ts'
import { createLog } from './log.ts'

/** The repository's root, from `src/` and from `dist/` alike. */
const ROOT = fileURLToPath(new URL('../../..', import.meta.url))
/** The built server serves the built page; in development Vite does. */
const BUILT = import.meta.url.endsWith('/dist/main.js')
/** Repeats of a signal within this time are one: Ctrl-C reaches a process once from each parent. */
const SIGNAL_REPEAT_MS = 1_000
/** After this an orderly end has failed, in milliseconds. */
const END_MS = { production: 30_000, development: 4_000 }

await start().catch((cause: unknown) => {
  process.stderr.write(`${sentence(cause)}\n`)
  process.exit(1)
})

async function start(): Promise<void> {
  const env = loadEnv(ROOT)
  const log = createLog(env.production, env.logLevel)
  process.on('unhandledRejection', (cause) => log.error({ err: cause }, 'a rejection was not handled'))
  let application: Application | undefined
  // Before anything else: a process that is the first of its container hears no signal without a handler.
  endOnSignals(() => application, env)
  application = await compose(
    env,
    { prisma: `${ROOT}prisma`, page: BUILT ? `${ROOT}apps/web/dist` : null },
    log,
  )
  await listen(application, env)
  announce(application, env)
}

async function listen(application: Application, env: Env): Promise<void> {
  try {
    application.http.listen(env.PORT, env.HOST)
    await once(application.http, 'listening')
  } catch (cause) {
    // It may have taken over replies already.
    await application.close().catch(() => undefined)
    throw cause
  }
}

function announce({ http, parts }: Application, env: Env): void {
  const bound = http.address()
  const port = typeof bound === 'object' && bound ? bound.port : env.PORT
  const url = env.PUBLIC_URL ?? `http://localhost:${port}`
  process.stdout.write(
    `Parley is ready at ${url} (model: ${parts.model}; database: ${parts.database}; broker: ${parts.broker})\n`,
  )
}

/** Ends in order; while starting at once, since nobody is served yet and the database bears it. */
function endOnSignals(started: () => Application | undefined, env: Env): void {
  let first: number | undefined
  const end = () => {
    const now = performance.now()
    const application = started()
    if (!application) process.exit(0)
    if (first === undefined) {
      first = now
      setTimeout(() => process.exit(1), env.production ? END_MS.production : END_MS.development).unref()
      application.close().then(
        () => process.exit(0),
        () => process.exit(1),
      )
    } else if (now - first > SIGNAL_REPEAT_MS) {
      process.exit(1)
    }
  }
  process.on('SIGTERM', end)
  process.on('SIGINT', end)
}

/** What the operator is told; never an address, which may hold a password. */
function sentence(cause: unknown): string {
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined
  if (code === 'EADDRINUSE') {
    const port = cause instanceof Error && 'port' in cause ? ` ${cause.port}` : ''
    return `Parley cannot start: port${port} is in use. Set PORT to another one.`
  }
  const message = cause instanceof Error ? cause.message : String(cause)
  // Some libraries write paragraphs.
  const text = message.trim().replace(/\s*\n\s*\n\s*/g, ' ')
  return `Parley cannot start: ${text.replace(/:\/\/[^@\s/]*@/g, '://')}`
}
