import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { Server } from 'socket.io'
import { io, type Socket } from 'socket.io-client'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { CHAT_NAMESPACE, clientEvents, Persona, Session } from '../src/index.ts'
import { portOf } from './loopback.ts'

const guide = await readFile(new URL('../../../docs/protocol.md', import.meta.url), 'utf8')

it('the guide states every numbered rule once, in order', () => {
  const rules = [...guide.matchAll(/^- \*\*([A-Z]\d)\. /gm)].map(([, rule]) => rule)
  expect(rules.join(' ')).toBe('C1 C2 C3 C4 A1 A2 J1 M1 M2 M3 M4 M5 M6 R1 R2 R3 R4 R5 R6 S1 S2 S3')
})

it('every link inside the guide leads to a heading', () => {
  const headings = [...guide.matchAll(/^#+ (.+)$/gm)].map(([, title = '']) =>
    title.toLowerCase().replaceAll(' ', '-'),
  )
  const links = [...guide.matchAll(/\]\(#([^)]+)\)/g)].map(([, anchor]) => anchor)
  expect(links.length).toBeGreaterThan(0)
  expect(links.filter((anchor) => !headings.includes(anchor ?? ''))).toEqual([])
})

const persona = Persona.parse({ id: 'p1', name: 'P', pitch: '', greeting: '', picture: '', versionId: 'v1' })
const session = Session.parse({
  id: 's1',
  personaId: 'p1',
  title: null,
  revision: 0,
  activeLeafId: null,
  createdAt: '2025-01-01T00:00:00Z',
  updatedAt: '2025-01-01T00:00:00Z',
})

describe('the plain client of the guide', () => {
  const http = createServer((incoming, answer) => {
    if (incoming.url === '/api/personas') return answer.end(JSON.stringify([persona]))
    answer.setHeader('set-auth-token', 't1')
    answer.end(JSON.stringify({ user: { id: 'u1' } }))
  })
  const server = new Server(http)
  const sockets: Socket[] = []

  beforeEach(async () => {
    http.listen(0, '127.0.0.1')
    await once(http, 'listening')
  })
  afterEach(async () => {
    for (const socket of sockets) socket.disconnect()
    await server.close()
  })

  it('authenticates, joins, sends and shows the reply', async () => {
    const received: unknown[] = []
    server.of(CHAT_NAMESPACE).on('connection', (socket) => {
      socket.on('chat:auth', (payload) => received.push(clientEvents['chat:auth'].payload.parse(payload)))
      socket.on('chat:join', (payload) => {
        received.push(clientEvents['chat:join'].payload.parse(payload))
        socket.emit('chat:session', session)
      })
      socket.on('chat:message', (payload) => {
        received.push(clientEvents['chat:message'].payload.parse(payload))
        socket.emit('chat:response', { content: 'And to you.' })
        socket.emit('chat:error', { error: 'BUSY', message: 'Later.' })
      })
    })
    const shown: unknown[][] = []
    const show = (...words: unknown[]) => shown.push(words)
    const connect = (address: string) => {
      const socket = io(address, { forceNew: true })
      sockets.push(socket)
      return socket
    }

    const [, code = ''] = guide.match(/```js\nimport .*\n([\s\S]*?)```/) ?? []
    const body = code.replace('http://localhost:3000', `http://127.0.0.1:${portOf(http.address())}`)
    await new Function('io', 'console', `return (async () => {${body}})()`)(connect, {
      log: show,
      error: show,
    })

    await expect.poll(() => shown).toEqual([['And to you.'], ['BUSY', 'Later.']])
    expect(received).toEqual([
      { userId: 'u1', token: 't1' },
      { personaId: 'p1' },
      { sessionId: 's1', content: 'Good evening!' },
    ])
  })
})
