// `pnpm test:nightly`: the seeded tests of `pnpm test` with many more seeds, and with others every day.
const RUNS = 1_000
const DAY_MS = 24 * 60 * 60 * 1_000

process.env.CONVERGENCE_RUNS ??= `${RUNS}`
process.env.CONVERGENCE_FIRST ??= `${Math.floor(Date.now() / DAY_MS) * RUNS}`
process.argv.splice(2, 0, '--filter', '@parley/server', 'test/convergence')
await import('./test.mjs')
