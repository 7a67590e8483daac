import { once } from 'node:events'
import { createServer, type IncomingMessage, type RequestListener } from 'node:http'
import { limits } from '@parley/protocol'
import { expect, it, onTestFinished } from 'vitest'
import { describeWithNginx } from '../services/describe-with.ts'
import { startNginx } from '../services/nginx.ts'
import { freePort } from '../services/sandbox.ts'

/** A server that tells what reaches it. */
async function listener(answer: RequestListener): Promise<{ address: string; heard: IncomingMessage[] }> {
  const heard: IncomingMessage[] = []
  const server = createServer((request, response) => {
    heard.push(request)
    answer(request, response)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  const bound = server.address()
  if (typeof bound !== 'object' || bound === null) throw new Error('the listener has no port')
  return { address: `127.0.0.1:${bound.port}`, heard }
}

const answers: RequestListener = (_request, response) => void response.end('answered')
const breaksOff: RequestListener = (request) => void request.socket.destroy()
const notReady: RequestListener = (_request, response) => void response.writeHead(503).end()

async function proxy(...nodes: [string, string]): Promise<string> {
  const nginx = await startNginx(nodes)
  onTestFinished(() => nginx.stop())
  return nginx.url
}

/** As many requests as it takes until both servers had the turn to be the first. */
const bothFirst = async (ask: () => Promise<Response>) => [await ask(), await ask(), await ask()]

describeWithNginx('the proxy of docker-compose.yml', () => {
  it('tells the servers who asks, and does not take the word of those who do', async () => {
    const { address, heard } = await listener(answers)
    const url = await proxy(address, address)
    const headers = { 'x-forwarded-for': '203.0.113.7', 'x-forwarded-proto': 'https' }
    await fetch(`${url}/api/personas`, { headers })
    await fetch(`${url}/socket.io/?EIO=4&transport=polling`, { headers })
    for (const request of heard.slice(-2)) {
      expect(request.headers).toMatchObject({
        host: new URL(url).host,
        'x-forwarded-for': '203.0.113.7, 127.0.0.1',
        'x-forwarded-proto': 'http',
        connection: 'close',
      })
    }
  })

  it('reads from the other server when one is away, breaks off or is not ready', async () => {
    const well = await listener(answers)
    const away = `127.0.0.1:${await freePort()}`
    for (const ill of [away, (await listener(breaksOff)).address, (await listener(notReady)).address]) {
      const url = await proxy(ill, well.address)
      for (const response of await bothFirst(() => fetch(`${url}/readyz`))) expect(response.status).toBe(200)
    }
  })

  it('[M2] never writes twice: a POST that may have been read is not sent to the other server', async () => {
    const well = await listener(answers)
    const ill = await listener(breaksOff)
    const url = await proxy(ill.address, well.address)
    const statuses: number[] = []
    while (ill.heard.length === 0) {
      statuses.push((await fetch(`${url}/api/auth/sign-in/anonymous`, { method: 'POST', body: '{}' })).status)
    }
    expect(statuses.at(-1)).toBe(502)
    expect(well.heard.filter(({ method }) => method === 'POST')).toHaveLength(statuses.length - 1)

    const other = await proxy(`127.0.0.1:${await freePort()}`, well.address)
    const post = () => fetch(`${other}/api/auth/sign-in/anonymous`, { method: 'POST', body: '{}' })
    for (const response of await bothFirst(post)) expect(response.status).toBe(200)
  })

  it('case a6: lets the largest frame of the protocol through, and nothing larger', async () => {
    const { address, heard } = await listener((request, response) => {
      request.resume().on('end', () => response.end())
    })
    const url = await proxy(address, address)
    const post = (bytes: number) =>
      fetch(`${url}/socket.io/?EIO=4&transport=polling&sid=x`, { method: 'POST', body: 'x'.repeat(bytes) })
    expect((await post(limits.frameBytes)).status).toBe(200)
    const before = heard.length
    expect((await post(limits.frameBytes + 1)).status).toBe(413)
    expect(heard).toHaveLength(before)
  })
})
