import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { freePort } from '../services/sandbox.ts'

const AUDIT = fileURLToPath(new URL('../../../../scripts/audit.mjs', import.meta.url))
const UNKNOWN = 'The registry could not say whether a dependency has a known vulnerability.\n'

/** What `pnpm check` says and thinks of the dependencies, by this registry. */
async function audit(registry: string) {
  const child = spawn(process.execPath, [AUDIT, '--registry', registry], {
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const [said, [code]] = await Promise.all([text(child.stderr), once(child, 'exit')])
  return { said, code }
}

/** Runs `ask` with the address of a registry that answers every question so. */
async function withRegistry<T>(
  status: number,
  answer: object,
  ask: (address: string) => Promise<T>,
): Promise<T> {
  const server = createServer((_request, response) => {
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(answer))
  })
  const port = await freePort()
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  try {
    return await ask(`http://127.0.0.1:${port}`)
  } finally {
    server.closeAllConnections()
    server.close()
  }
}

/** A vulnerability as a registry tells of it. */
const advisory = (severity: string) => ({
  ws: [
    {
      id: 1,
      url: 'https://github.com/advisories/GHSA-made-up',
      title: 'Made up',
      severity,
      vulnerable_versions: '<99.0.0',
      cwe: [],
      cvss: { score: 0, vectorString: null },
    },
  ],
})

it('a registry that knows of a vulnerability fails the check, which names it', async () => {
  const { said, code } = await withRegistry(200, advisory('high'), audit)
  expect(said).toMatch(/^ws \d+\S+.*: high: Made up https:\/\/github.com\/advisories\/GHSA-made-up$/m)
  expect(code).toBe(1)
})

it('one that knows of nothing, or of something that is not high, lets it pass', async () => {
  for (const answer of [{}, advisory('low')]) {
    const { said, code } = await withRegistry(200, answer, audit)
    expect({ said, code }).toEqual({ said: 'No dependency has a known vulnerability.\n', code: 0 })
  }
})

it('one that does not offer it, or cannot be reached, is one line and no failure', async () => {
  expect(await withRegistry(405, {}, audit)).toEqual({ said: UNKNOWN, code: 0 })
  expect(await audit(`http://127.0.0.1:${await freePort()}`)).toEqual({ said: UNKNOWN, code: 0 })
})
