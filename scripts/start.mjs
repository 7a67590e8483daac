// `pnpm start`: the built server with the built page, as production unless NODE_ENV says otherwise.

import { existsSync } from 'node:fs'

const main = new URL('../apps/server/dist/main.js', import.meta.url)

if (existsSync(main)) {
  process.env.NODE_ENV ||= 'production'
  await import(main.href)
} else {
  console.error('Nothing is built yet. Run `npx -y pnpm@12.4.2 build` first.')
  process.exitCode = 1
}
