import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  type ClientEvents,
  clientEvents,
  type Handlers,
  type ListenOptions,
  listen,
  type Received,
  request,
  WireFault,
} from '../src/index.ts'
import { type Loopback, openLoopback } from './loopback.ts'

const table = { 'chat:leave': clientEvents['chat:leave'] }
type Leave = Handlers<Pick<ClientEvents, 'chat:leave'>, [Received]>['chat:leave']

const payload = { sessionId: 's' }
const soon = { timeoutMs: 50 }
const patient = { timeoutMs: 5_000 }
const failure = { error: 'INTERNAL', message: '', requestId: 'r' } as const

let wire: Loopback
beforeEach(async () => {
  wire = await openLoopback()
})
afterEach(() => wire.close())

function answerWith(handler: Leave, options: ListenOptions): () => void {
  return listen(wire.server, table, { 'chat:leave': handler }, options)
}

const leave = (options: { timeoutMs: number; signal?: AbortSignal } = patient) =>
  request(wire.client, table, 'chat:leave', payload, options)

/** Answers a request with whatever `answer` is, as a broken server would. */
function answerRaw(answer: unknown): void {
  wire.server.on('chat:leave', (_payload, ack) => ack(answer))
}

describe('listen', () => {
  const broken: [string, Leave][] = [
    [
      'throws',
      () => {
        throw new RangeError('inside')
      },
    ],
    ['rejects', () => Promise.reject(new RangeError('inside'))],
  ]

  it.each(broken)(
    '[C2] a handler that %s reaches `fail`, and the ack can be answered',
    async (_, handler) => {
      const causes: unknown[] = []
      answerWith(handler, {
        fail(received, cause) {
          causes.push(cause)
          received.ack?.({ ok: false, error: failure })
        },
      })
      expect(await leave()).toEqual({ ok: false, error: failure })
      expect(causes).toEqual([new RangeError('inside')])
    },
  )

  it('[C2] the second answer to one ack goes nowhere', async () => {
    const causes: unknown[] = []
    answerWith(
      (_, received) => {
        received.ack?.({ ok: false, error: failure })
        return {}
      },
      { fail: (_, cause) => causes.push(cause) },
    )
    expect(await leave()).toEqual({ ok: false, error: failure })
    expect(await leave()).toEqual({ ok: false, error: failure })
    expect(causes).toEqual([])
  })

  it('[C2] the caller decides when the work of an event runs', async () => {
    const waiting: (() => Promise<void>)[] = []
    const handled: string[] = []
    answerWith(
      ({ sessionId }) => {
        handled.push(sessionId)
        return {}
      },
      { run: (_, __, work) => waiting.push(work), fail: () => undefined },
    )
    const answers = [leave(), leave()]
    await expect.poll(() => waiting.length).toBe(2)
    expect(handled).toEqual([])
    for (const work of waiting) await work()
    expect(handled).toEqual(['s', 's'])
    expect(await Promise.all(answers)).toMatchObject([{ ok: true }, { ok: true }])
  })

  it('hears nothing after it was told to stop', async () => {
    let handled = 0
    const stop = answerWith(
      () => {
        handled += 1
        return {}
      },
      { fail: () => undefined },
    )
    await leave()
    stop()
    await expect(leave(soon)).rejects.toMatchObject({ kind: 'timeout' })
    expect(handled).toBe(1)
  })
})

describe('request', () => {
  it('[C2] to a server that never answers ends with a timeout', async () => {
    answerWith(() => new Promise(() => undefined), { fail: () => undefined })
    const answer = leave(soon)
    await expect(answer).rejects.toBeInstanceOf(WireFault)
    await expect(answer).rejects.toMatchObject({ kind: 'timeout' })
  })

  it('[C2] an answer after the timeout changes nothing', async () => {
    let answer = () => {}
    wire.server.on('chat:leave', (_payload, ack) => {
      answer = () => ack({ ok: true, data: {} })
    })
    await expect(leave(soon)).rejects.toMatchObject({ kind: 'timeout' })
    answer()
    answerWith(() => ({}), { fail: () => undefined })
    expect(await leave()).toEqual({ ok: true, data: {} })
  })

  it('[C2] ends as closed when it is aborted while it waits', async () => {
    const abort = new AbortController()
    wire.server.on('chat:leave', () => abort.abort())
    await expect(leave({ ...patient, signal: abort.signal })).rejects.toMatchObject({ kind: 'closed' })
  })

  it('[C2] sends nothing when it was aborted before', async () => {
    const seen: unknown[] = []
    wire.server.onAny((event) => seen.push(event))
    await expect(leave({ ...patient, signal: AbortSignal.abort() })).rejects.toMatchObject({ kind: 'closed' })
    wire.client.emit('end')
    await expect.poll(() => seen).toEqual(['end'])
  })

  it('[C1] sends nothing when its payload does not fit', async () => {
    const seen: unknown[] = []
    wire.server.onAny((event) => seen.push(event))
    const bad = request(wire.client, table, 'chat:leave', { sessionId: '' }, patient)
    await expect(bad).rejects.toMatchObject({ kind: 'invalid', path: 'sessionId' })
    wire.client.emit('end')
    await expect.poll(() => seen).toEqual(['end'])
  })

  const answers: [string, unknown, string][] = [
    ['nothing', undefined, ''],
    ['null', null, ''],
    ['a word', 'ok', ''],
    ['a failure with an unknown code', { ok: false, error: { ...failure, error: 'OOPS' } }, 'error.error'],
    ['a success without data', { ok: true }, 'data'],
    ['an ok that is neither', { ok: 1, data: {} }, 'ok'],
  ]
  it.each(answers)('[C1] refuses an ack of %s', async (_, answer, path) => {
    answerRaw(answer)
    await expect(leave()).rejects.toMatchObject({ name: 'WireFault', kind: 'invalid', path })
  })

  it('[C1] refuses ack data of another event, and names the path', async () => {
    wire.server.on('chat:auth', (_payload, ack) =>
      ack({ ok: true, data: { userId: 'u', guest: 'yes', expiresAt: null } }),
    )
    const answer = request(wire.client, clientEvents, 'chat:auth', { userId: 'u' }, patient)
    await expect(answer).rejects.toMatchObject({ kind: 'invalid', path: 'data.guest' })
  })

  it('[M5] sends content as it will be stored', async () => {
    const contents: unknown[] = []
    wire.server.on('chat:message', ({ content }) => contents.push(content))
    const message = { sessionId: 's', content: 'a\0b\ud83d' }
    await expect(request(wire.client, clientEvents, 'chat:message', message, soon)).rejects.toMatchObject({
      kind: 'timeout',
    })
    expect(contents).toEqual(['ab\ufffd'])
  })
})
