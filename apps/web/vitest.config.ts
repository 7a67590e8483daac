import { fileURLToPath } from 'node:url'
import react from '@vitejs/plugin-react'
import { defineConfig } from 'vitest/config'

const report = fileURLToPath(new URL('../../scripts/test/report.mjs', import.meta.url))

// biome-ignore lint/style/noDefaultExport: Vitest reads its configuration from the default export.
export default defineConfig({
  plugins: [react()],
  test: {
    // How long a test takes is the machine's matter; this only ends one that hangs.
    testTimeout: 120_000,
    hookTimeout: 60_000,
    environment: 'happy-dom',
    include: ['test/**/*.test.{ts,tsx}'],
    reporters: ['default', report],
  },
})
