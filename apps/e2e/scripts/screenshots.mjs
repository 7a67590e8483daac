// Makes docs/images from the built product.
import { runPlaywright } from './playwright.mjs'

process.exitCode = await runPlaywright(['--config=screenshots.config.ts'])
