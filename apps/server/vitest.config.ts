import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

const report = fileURLToPath(new URL('../../scripts/test/report.mjs', import.meta.url))

// biome-ignore lint/style/noDefaultExport: Vitest reads its configuration from the default export.
export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/services/global-setup.ts'],
    reporters: ['default', report],
    pool: 'forks',
    // Each file may drive a server and a database of its own beside the worker.
    maxWorkers: 2,
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
})
