// `pnpm test:hostile`: the hostile frames of `pnpm test`, many more of them, and others every day. The seed
// is printed; `HOSTILE_SEED` and `HOSTILE_FRAMES` play the same ones again.
const FRAMES = 100_000
const DAY_MS = 24 * 60 * 60 * 1_000

process.env.HOSTILE_FRAMES ??= `${FRAMES}`
process.env.HOSTILE_SEED ??= `${Math.floor(Date.now() / DAY_MS)}`
process.argv.splice(2, 0, '--filter', '@parley/server', 'test/hostile')
await import('./test.mjs')
