import { clientEvents, errors, limits, routes, serverEvents } from '../src/index.ts'
import { typeNotation } from './notation.ts'
import { contractSchemas } from './schemas.ts'

/** What each limit bounds; a new limit does not compile until it is explained here. */
const limitMeanings: Record<keyof typeof limits, string> = {
  frameBytes: 'Size of one frame from a client, in bytes. A larger one closes the connection.',
  contentCodePoints: 'Length of what a person sends, in Unicode code points.',
  replyCodePoints:
    'Length of a reply, in code points. A longer one ends as if the model had reached its own limit.',
  idLength: 'Length of an id, in UTF-16 code units.',
  tokenLength: 'Length of a bearer token, in UTF-16 code units.',
  titleCodePoints: 'Length of a title that the server makes, in code points.',
  promptCodePoints: 'What a prompt may hold in all, in code points.',
  pageMessages: 'Messages of a page when the client names no number.',
  pageMessagesMax: 'Messages of a page at most.',
  syncChanges: 'Missed changes that a sync replays; after more of them it starts afresh.',
  waitingReplies: 'Replies that may wait behind the live one of a session; one more is `BUSY`.',
  siblings: 'Alternatives of one message, itself included; one more is `INVALID_PAYLOAD`.',
  replyAttempts: 'Servers that may die over one reply; after the last it is `failed` and keeps its text.',
  queuedEvents: 'Events of one socket that may wait to be handled; one more is `BUSY`.',
  parallelStops: 'Stops of one socket that may be under way; one more is `BUSY`.',
  rateWindowMs: 'Milliseconds after which the counts below, down to `requestsPerAddress`, start anew.',
  eventsPerSocket: 'Events of one socket in a window, stops apart; one more is `RATE_LIMITED`.',
  eventsPerAddress:
    'Events of all sockets of one address on one server in a window; one more is `RATE_LIMITED`.',
  stopsPerUser: 'Stops of one person on one server in a window; one more is `RATE_LIMITED`.',
  sendsPerUser:
    'Messages, edits and regenerations of one person in a window, over all sockets and servers; one more is `RATE_LIMITED`.',
  sendsPerAddress: 'The same of everybody at one address.',
  connectsPerAddress: 'Sockets that one address may open in a window; one more is `RATE_LIMITED`.',
  guestsPerAddress: 'Guests that one address may make in a window; one more is status 429.',
  signInsPerAddress: 'Sign-ins, sign-ups and changes of an account from one address in a window, alike.',
  requestsPerAddress: 'All other requests of one address under `/api` on one server in a window, alike.',
  socketsPerUser: 'Sockets of one person open at once on one server; one more is `RATE_LIMITED`.',
  socketsPerAddress: 'Sockets of one address open at once on one server; one more is `RATE_LIMITED`.',
  repliesPerUser: 'Live and waiting replies of one person in all sessions; one more is `BUSY`.',
  sessionsPerUserAndDay: 'Sessions that one person may begin in 24 hours; one more is `RATE_LIMITED`.',
  socketBufferBytes: 'Bytes that a socket may leave unread before it is disconnected.',
  bufferedEvents: 'Events that a client keeps while a join or a sync is on the way.',
  deltaCoalesceMs: 'Milliseconds for which the server gathers text before it sends a delta.',
  flushMs: 'Milliseconds between two saves of the live replies.',
  leaseMs: 'Milliseconds after which a silent owner of a reply counts as gone.',
  gapHoldMs: 'Milliseconds for which a client holds a change whose predecessor it misses.',
  requestTimeoutMs: 'Milliseconds after which a request without an answer has failed.',
  reconnectAttempts: 'Attempts to reconnect before a client shows that it has given up.',
}

/** The generated parts of the guide, by the name that their markers carry. */
export function guideTables(): Readonly<Record<string, string>> {
  const { schemas, names, clientPayload, serverPayload, reply, response } = contractSchemas()
  const { inline, declaration } = typeNotation(schemas, names)
  const payload = (id: string) => code(names.includes(id) ? id : inline(schemas[id] ?? {}))
  const ack = (id: string) => {
    const data = schemas[id]?.oneOf?.[0]?.properties?.data
    return code(typeof data === 'object' ? inline(data) : 'unknown')
  }
  return {
    'client-events': table(
      ['event', 'what for', 'payload', 'ack data'],
      Object.entries(clientEvents).map(([event, { summary }]) => [
        code(event),
        summary,
        payload(clientPayload(event)),
        ack(reply(event)),
      ]),
    ),
    'server-events': table(
      ['event', 'what for', 'payload'],
      Object.entries(serverEvents).map(([event, { summary }]) => [
        code(event),
        summary,
        payload(serverPayload(event)),
      ]),
    ),
    types: codeBlock(names.map((id) => `/** ${schemas[id]?.description ?? ''} */\n${declaration(id)}`)),
    errors: table(
      ['code', 'retryable', 'sentence for the person'],
      Object.entries(errors).map(([id, { retryable, sentence }]) => [
        code(id),
        retryable ? 'yes' : 'no',
        sentence,
      ]),
    ),
    limits: table(
      ['limit', 'value', 'what it bounds'],
      Object.entries(limitMeanings).map(([name, meaning]) => [code(name), limitValue(name), meaning]),
    ),
    routes: table(
      ['route', 'what for', 'answer'],
      Object.entries(routes).map(([route, { method, path, summary }]) => [
        code(`${method} ${path}`),
        summary,
        payload(response(route)),
      ]),
    ),
  }
}

const limitValues = new Map<string, number>(Object.entries(limits))
const limitValue = (name: string) => (limitValues.get(name) ?? Number.NaN).toLocaleString('en')

const code = (text: string) => `\`${text}\``

const codeBlock = (parts: readonly string[]) => ['```ts', parts.join('\n\n'), '```'].join('\n')

/** A table in columns of even width, as the formatter leaves it. */
function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [head, ...rows].map((cells) => cells.map((cell) => cell.replaceAll('|', '\\|')))
  const widths = head.map((_, column) => Math.max(...lines.map((cells) => cells[column]?.length ?? 0)))
  const [first = '', ...others] = lines.map((cells) =>
    row(cells.map((cell, at) => cell.padEnd(widths[at] ?? 0))),
  )
  return [first, row(widths.map((width) => '-'.repeat(width))), ...others].join('\n')
}

const row = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
