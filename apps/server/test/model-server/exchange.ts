import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http'
import { setTimeout as after } from 'node:timers/promises'
import { z } from 'zod'

const Body = z.looseObject({
  model: z.string().default(''),
  stream: z.boolean().default(false),
  stream_options: z.looseObject({ include_usage: z.boolean().default(false) }).nullish(),
  messages: z.array(z.looseObject({ role: z.string(), content: z.string() })).default([]),
})

/** Body of a request, as far as the server reads it; other fields are kept. */
export type RequestBody = z.infer<typeof Body>

/** A request as it came, and what became of it. */
export interface RecordedRequest {
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly body: RequestBody
  /** When the answer is over: `finished` by this server, or `left` by the client before that. */
  readonly ended: Promise<'finished' | 'left'>
  /** When the TCP connection that carried it is closed. */
  readonly connectionClosed: Promise<void>
}

/** One request and the means to answer it, well or badly. */
export interface Exchange {
  readonly request: RecordedRequest
  /** A whole JSON answer. */
  json(status: number, body: unknown, headers?: Record<string, string>): void
  /** One event of the stream. */
  event(data: unknown): void
  /** Bytes of the stream as they are. */
  raw(bytes: string | Uint8Array): void
  /** Ends the stream, without `[DONE]`. */
  end(): void
  /** Tears the connection. */
  cut(): void
  /** Resolves when the client has left. */
  untilLeft(): Promise<void>
  /** Waits; resolves to false when the client left meanwhile. */
  wait(ms: number): Promise<boolean>
}

/** Reads a request; null when its body is no JSON object. */
export async function openExchange(req: IncomingMessage, res: ServerResponse): Promise<Exchange | null> {
  const body = Body.safeParse(await readJson(req))
  if (!body.success) return null
  const gone = new AbortController()
  const ended = new Promise<'finished' | 'left'>((resolve) => {
    res.once('close', () => {
      gone.abort()
      resolve(res.writableFinished ? 'finished' : 'left')
    })
  })
  // A kept connection carries any number of requests, each of which waits for its end.
  req.socket.setMaxListeners(0)
  const connectionClosed = new Promise<void>((resolve) => req.socket.once('close', () => resolve()))
  return {
    request: { path: req.url ?? '', headers: req.headers, body: body.data, ended, connectionClosed },
    ...answering(res, gone.signal, ended),
  }
}

function answering(res: ServerResponse, gone: AbortSignal, ended: Promise<unknown>) {
  const open = () => {
    if (!res.headersSent) res.writeHead(200, { 'content-type': 'text/event-stream', ...requestId() })
  }
  const raw = (bytes: string | Uint8Array) => {
    open()
    res.write(bytes)
  }
  return {
    raw,
    json(status: number, body: unknown, headers: Record<string, string> = {}) {
      res.writeHead(status, { 'content-type': 'application/json', ...requestId(), ...headers })
      res.end(JSON.stringify(body))
    },
    event: (data: unknown) => raw(`data: ${JSON.stringify(data)}\n\n`),
    end() {
      open()
      res.end()
    },
    cut: () => res.destroy(),
    async untilLeft() {
      await ended
    },
    async wait(ms: number) {
      await after(ms, undefined, { signal: gone }).catch(() => undefined)
      return !gone.aborted
    },
  }
}

function requestId() {
  return { 'x-request-id': 'req_test' }
}

async function readJson(req: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = []
  for await (const chunk of req) chunks.push(Buffer.from(chunk))
  const text = Buffer.concat(chunks).toString('utf8')
  try {
    return text === '' ? {} : JSON.parse(text)
  } catch {
    return undefined
  }
}
