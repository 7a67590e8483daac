import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type BrowserContext, test as base, expect } from '@playwright/test'
import { CHROMIUM_ARGS, findChromium, HOW_TO_INSTALL } from '../set-up/chromium.ts'
import { TEMPLATE } from '../set-up/places.ts'
import { type SlowModel, startSlowModel } from './model.ts'
import { type Server, startServer } from './server.ts'

/** What went wrong on the pages of a test without a person being told. */
export interface Complaints {
  /** Watches another browser profile too. */
  watch(context: BrowserContext): Promise<void>
  /** Lets a complaint pass that the test causes on purpose. */
  expect(pattern: RegExp): void
}

interface TestFixtures {
  /** Skips the test where there is no browser. */
  readonly browserFound: undefined
  /** Fails the test for every error in the console, uncaught error and violation of the page's policy. */
  readonly complaints: Complaints
  /** Starts a server of the test's own, on an empty database. */
  readonly startOwn: (env?: Record<string, string>) => Promise<Server>
  /** A server whose model says what the test tells it to. */
  readonly modelled: { readonly server: Server; readonly model: SlowModel }
}

interface WorkerFixtures {
  /** The server that tests share which do nothing to it. Its personas answer from their demo scripts. */
  readonly shared: Server
}

/** Playwright's test with the built product around it. */
export const test = base.extend<TestFixtures, WorkerFixtures>({
  launchOptions: [
    async ({ browserName: _ }, use) => {
      const executablePath = findChromium()
      await use({ args: CHROMIUM_ARGS, ...(executablePath === null ? {} : { executablePath }) })
    },
    { scope: 'worker' },
  ],
  shared: [
    async ({ browserName: _ }, use) => {
      const folder = await copyTemplate()
      const server = await startServer(folder)
      await use(server)
      await server.stop()
      await rm(folder, { recursive: true, force: true })
    },
    { scope: 'worker', timeout: 120_000 },
  ],
  baseURL: async ({ shared }, use) => use(shared.url),
  browserFound: [
    async ({ browserName: _ }, use, testInfo) => {
      if (findChromium() === null) testInfo.skip(true, `no browser: ${HOW_TO_INSTALL}`)
      await use(undefined)
    },
    { auto: true },
  ],
  complaints: async ({ browserFound: _ }, use) => {
    const seen: string[] = []
    const expected: RegExp[] = []
    await use({
      watch: (context) => watch(context, seen),
      expect: (pattern) => void expected.push(pattern),
    })
    expect(seen.filter((line) => !expected.some((pattern) => pattern.test(line)))).toEqual([])
  },
  // In this order the pages are closed before their server is, whose end they would complain about.
  context: async ({ startOwn: _, complaints, context }, use) => {
    await complaints.watch(context)
    await use(context)
  },
  startOwn: async ({ browserFound: _ }, use) => {
    const servers: Server[] = []
    const folders: string[] = []
    await use(async (env = {}) => {
      const folder = await copyTemplate()
      folders.push(folder)
      const server = await startServer(folder, env)
      servers.push(server)
      return server
    })
    await Promise.all(servers.map((server) => server.stop()))
    await Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true })))
  },
  modelled: async ({ startOwn }, use) => {
    const model = await startSlowModel()
    const env = { OPENAI_BASE_URL: model.url, RESPONSE_TIMEOUT_MS: '120000', MODERATION: 'local' }
    await use({ server: await startOwn(env), model })
    await model.close()
  },
})

export { expect }

async function copyTemplate(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'parley-e2e-'))
  await cp(TEMPLATE, folder, { recursive: true })
  return folder
}

async function watch(context: BrowserContext, seen: string[]): Promise<void> {
  context.on('console', (message) => {
    if (message.type() === 'error') seen.push(`console: ${message.text()} (${message.location().url})`)
  })
  context.on('weberror', (error) => void seen.push(`uncaught: ${error.error().message}`))
  await context.addInitScript(() => {
    document.addEventListener('securitypolicyviolation', (event) =>
      console.error(`policy violated: ${event.violatedDirective} by ${event.blockedURI}`),
    )
  })
}
