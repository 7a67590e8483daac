import { once } from 'node:events'
import fc from 'fast-check'
import { WebSocket } from 'ws'
import { engineUrl } from '../access/raw-socket.ts'
import { type Frame, hostileBody, hostileFrames } from './frames.ts'

/** One connection of somebody who means no good. */
export type Visit =
  | { readonly via: 'websocket'; readonly manners: 'none' | 'enters' | 'signs in'; readonly frames: Frame[] }
  | {
      readonly via: 'polling'
      readonly sid: string | null
      readonly query: string
      readonly bodies: string[]
    }

/** Frames of a connection at most; more of them are limited by their rate and go no further. */
const FRAMES = 30

/** @see Visit */
export const visits: fc.Arbitrary<Visit> = fc.oneof(
  {
    weight: 9,
    arbitrary: fc.record({
      via: fc.constant('websocket' as const),
      manners: fc.constantFrom('none' as const, 'enters' as const, 'signs in' as const, 'signs in' as const),
      frames: fc
        .array(hostileFrames, { minLength: 5, maxLength: FRAMES })
        .map((groups) => groups.flat().slice(0, FRAMES)),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      via: fc.constant('polling' as const),
      sid: fc.oneof(fc.constant(null), fc.constantFrom('__proto__', 'constructor', '', 'made-up')),
      query: fc.constantFrom(
        '',
        '&EIO=3',
        '&transport=__proto__',
        '&b64=1',
        '&j=0',
        '&sid=a&sid=b',
        '&%E0%A4%A',
      ),
      bodies: fc.array(hostileBody, { minLength: 1, maxLength: 6 }),
    }),
  },
)

/** How many frames a visit counts as. */
export const framesOf = (visit: Visit) =>
  visit.via === 'polling' ? visit.bodies.length : visit.frames.length

/** Whose credential a visit shows that signs in. */
export interface Credential {
  readonly userId: string
  readonly token: string
}

/** Pays a visit; resolves when the server has read all of it, or has hung up. */
export function pay(visit: Visit, url: string, credential: Credential): Promise<void> {
  return visit.via === 'polling' ? poll(visit, url) : speak(visit, url, credential)
}

async function speak(
  { manners, frames }: Extract<Visit, { via: 'websocket' }>,
  url: string,
  { userId, token }: Credential,
): Promise<void> {
  const ws = new WebSocket(engineUrl(url))
  ws.on('error', () => {})
  const closed = once(ws, 'close')
  await Promise.race([once(ws, 'open'), closed])
  if (manners !== 'none') ws.send('40/chat,')
  if (manners === 'signs in') ws.send(`42/chat,["chat:auth",${JSON.stringify({ userId, token })}]`)
  for (const { data, whole } of frames) ws.send(data, { fin: whole }, () => {})
  // A ping is answered after everything that was sent before it.
  ws.ping('', true, () => {})
  await Promise.race([once(ws, 'pong'), closed])
  ws.terminate()
  await closed
}

async function poll({ sid, query, bodies }: Extract<Visit, { via: 'polling' }>, url: string): Promise<void> {
  const opened = await ask(engineUrl(url, 'polling'), {})
  const own = /"sid":"([^"]+)"/.exec(opened)?.[1]
  for (const body of bodies) {
    const address = engineUrl(url, 'polling', sid ?? own) + query
    await ask(address, { method: 'POST', body, headers: { 'content-type': 'text/plain;charset=UTF-8' } })
  }
  // What the server has to say ends the connection, or there is nothing and it goes by its own heartbeat.
  if (own !== undefined) await ask(engineUrl(url, 'polling', own), { method: 'POST', body: '1' })
}

/** The body of an answer; empty when the server hung up. */
const ask = (address: string, init: RequestInit): Promise<string> =>
  fetch(address, init).then(
    (response) => response.text(),
    () => '',
  )
