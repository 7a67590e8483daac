import { defineConfig } from '@playwright/test'

// biome-ignore lint/style/noDefaultExport: Playwright reads its configuration from the default export.
export default defineConfig({
  testDir: 'test',
  outputDir: 'test-results/artifacts',
  globalSetup: './test/set-up/global-setup.ts',
  reporter: [['list'], ['./test/set-up/report.ts']],
  // Every worker drives a browser, a server and a database of its own.
  workers: 1,
  retries: 0,
  // Machines under load are slow; what never comes is told by the shorter limit on each step.
  timeout: 180_000,
  expect: { timeout: 30_000 },
  use: { viewport: { width: 1280, height: 800 }, trace: 'retain-on-failure', actionTimeout: 30_000 },
})
