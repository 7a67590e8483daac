import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import OpenAI from 'openai'
import { expect, it, onTestFinished } from 'vitest'
import { say } from '../model-server/behaviour.ts'
import { startModelServer } from '../model-server/server.ts'

it('the test model server answers the SDK whole as it does streamed, and lists its model', async () => {
  const server = await startModelServer()
  onTestFinished(server.close)
  server.behave(say('The same text.'))
  const client = new OpenAI({ apiKey: 'k', baseURL: server.url, maxRetries: 0 })
  const messages = [{ role: 'user' as const, content: 'Hello?' }]
  const whole = await client.chat.completions.create({ model: 'test', messages })
  expect(whole.choices[0]?.message.content).toBe('The same text.')
  expect(whole.usage?.completion_tokens).toBe(7)
  let streamed = ''
  for await (const chunk of await client.chat.completions.create({ model: 'test', messages, stream: true })) {
    streamed += chunk.choices[0]?.delta.content ?? ''
  }
  expect(streamed).toBe('The same text.')
  expect((await client.models.list()).data[0]?.id).toBe('test')
})

it('started by hand it prints its address and answers there', async () => {
  const main = fileURLToPath(new URL('../model-server/main.ts', import.meta.url))
  const child = spawn(process.execPath, ['--import', 'tsx', main, '401'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  onTestFinished(() => void child.kill())
  const url = await new Promise<string>((resolve) => {
    createInterface({ input: child.stdout }).once('line', resolve)
  })
  expect((await fetch(`${url}/chat/completions`, { method: 'POST', body: '{}' })).status).toBe(401)
})
