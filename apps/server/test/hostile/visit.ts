import { EventEmitter, once } from 'node:events'
import fc from 'fast-check'
import { WebSocket } from 'ws'
import { engineUrl } from '../access/raw-socket.ts'
import { type Frame, hostileBody, hostileFrames } from './frames.ts'

/** What somebody who means no good does; over one connection after another, where the server hangs up. */
export type Visit =
  | {
      readonly via: 'websocket'
      readonly manners: 'none' | 'enters' | 'signs in'
      readonly groups: Frame[][]
    }
  | {
      readonly via: 'polling'
      readonly sid: string | null
      readonly query: string
      readonly bodies: string[]
    }

/** Frames that belong together, of one visit at most: more would be limited by their rate and go no further. */
const GROUPS = 20

/** @see Visit */
export const visits: fc.Arbitrary<Visit> = fc.oneof(
  {
    weight: 9,
    arbitrary: fc.record({
      via: fc.constant('websocket' as const),
      manners: fc.constantFrom('none' as const, 'enters' as const, 'signs in' as const, 'signs in' as const),
      groups: fc.array(hostileFrames, { minLength: 5, maxLength: GROUPS }),
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
  visit.via === 'polling' ? visit.bodies.length : visit.groups.flat().length

/** Whose credential a visit shows that signs in. */
export interface Credential {
  readonly userId: string
  readonly token: string
}

/** What became of a visit: answers that came, and connections that the server closed for what it was sent. */
export interface Outcome {
  readonly answers: number
  readonly hangUps: number
}

/** Pays a visit; resolves when the server has read all of it. */
export async function pay(visit: Visit, url: string, credential: Credential): Promise<Outcome> {
  if (visit.via === 'polling') {
    await poll(visit, url)
    return { answers: 0, hangUps: 0 }
  }
  let outcome = { answers: 0, hangUps: 0 }
  for (let rest = visit.groups; rest.length > 0; ) {
    const { said, answers } = await speak({ ...visit, groups: rest }, url, credential)
    rest = rest.slice(said)
    const hangUps = outcome.hangUps + (rest.length > 0 ? 1 : 0)
    outcome = { answers: outcome.answers + answers, hangUps }
  }
  return outcome
}

/** Says one group of frames after the other; the number of those that the server read before it hung up. */
async function speak(
  { manners, groups }: Extract<Visit, { via: 'websocket' }>,
  url: string,
  { userId, token }: Credential,
): Promise<{ said: number; answers: number }> {
  const ws = new WebSocket(engineUrl(url))
  let answers = 0
  ws.on('error', () => {})
  const heard = new EventEmitter()
  ws.on('message', (data) => {
    const frame = data.toString()
    if (ANSWER.test(frame)) answers++
    if (MANNERLY.test(frame)) heard.emit('manners')
  })
  const after = (event: string) => new Promise<void>((resolve) => ws.once(event, () => resolve()))
  // A server that hangs up rudely is an error to the library and none here.
  const closed = after('close')
  /** Says what good manners ask for; whoever goes on before it is answered is hung up on. */
  const greet = async (frame: string) => {
    const answered = once(heard, 'manners')
    ws.send(frame)
    await Promise.race([answered, closed])
  }
  await Promise.race([after('open'), closed])
  if (manners !== 'none') await greet('40/chat,')
  if (manners === 'signs in') await greet(`42/chat,0["chat:auth",${JSON.stringify({ userId, token })}]`)
  let said = 0
  for (const group of groups) {
    for (const { data, whole } of group) ws.send(data, { fin: whole }, () => {})
    said++
    // A ping is answered after everything that was sent before it.
    ws.ping('', true, () => {})
    await Promise.race([after('pong'), closed])
    if (ws.readyState !== WebSocket.OPEN) break
  }
  ws.terminate()
  await closed
  return { said, answers }
}

/** The answers to good manners. */
const MANNERLY = /^4(0\/chat,|3\/chat,0\[)/
/** An ack, or an error that no ack could carry. */
const ANSWER = /^4(3|2)\/chat,(\d*\[|\["chat:error")/

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
