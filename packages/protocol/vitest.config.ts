import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

const report = fileURLToPath(new URL('../../scripts/test/report.mjs', import.meta.url))

// biome-ignore lint/style/noDefaultExport: Vitest reads its configuration from the default export.
export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    reporters: ['default', report],
    // How long a test takes is the machine's matter; this only ends one that hangs.
    testTimeout: 120_000,
    hookTimeout: 60_000,
  },
})
