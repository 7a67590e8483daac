import { defineConfig } from '@playwright/test'
import tests from './playwright.config.ts'

// biome-ignore lint/style/noDefaultExport: Playwright reads its configuration from the default export.
export default defineConfig({ ...tests, testDir: 'screenshots', reporter: 'list' })
