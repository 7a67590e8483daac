import {
  CHAT_NAMESPACE,
  clientEvents,
  errors,
  limits,
  PROTOCOL_VERSION,
  routes,
  serverEvents,
} from '../src/index.ts'
import { contractSchemas, schemaRef, typeName } from './schemas.ts'

const CHANNEL = '#/channels/chat'

interface MessageEntry {
  readonly key: string
  readonly event: string
  readonly title: string
  readonly summary: string
  readonly payload: string
}

/** The whole contract as an AsyncAPI 3.0.0 document, written from the server's side. */
export function asyncApiDocument(): object {
  const { schemas, clientPayload, serverPayload, reply, response } = contractSchemas()
  const requests = Object.entries(clientEvents).map(([event, { summary }]) => ({
    key: `${typeName(event)}Request`,
    event,
    title: `${event} (request)`,
    summary,
    payload: clientPayload(event),
  }))
  const replies = Object.keys(clientEvents).map((event) => ({
    key: `${typeName(event)}Reply`,
    event,
    title: `${event} (ack)`,
    summary: `Answers ${event}. Sent only if the client asked for an ack.`,
    payload: reply(event),
  }))
  const pushes = Object.entries(serverEvents).map(([event, { summary }]) => ({
    key: `${typeName(event)}Event`,
    event,
    title: `${event} (event)`,
    summary,
    payload: serverPayload(event),
  }))
  const messages = [...requests, ...replies, ...pushes]
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'Parley chat protocol',
      version: `${PROTOCOL_VERSION}.0.0`,
      description:
        'Every event of Parley, made from the schemas that parse them. The rules stand in protocol.md.',
      license: { name: 'MIT' },
    },
    defaultContentType: 'application/json',
    servers: {
      local: {
        host: 'localhost:3000',
        pathname: '/socket.io/',
        protocol: 'ws',
        description:
          'Socket.IO protocol 5 over Engine.IO 4. The handshake may carry `x-handshake` as `auth`.',
        'x-handshake': { $ref: schemaRef('Handshake') },
      },
    },
    channels: {
      chat: {
        address: CHAT_NAMESPACE,
        description: 'The Socket.IO namespace of all events. The name of a message is the name of its event.',
        messages: Object.fromEntries(
          messages.map(({ key }) => [key, { $ref: `#/components/messages/${key}` }]),
        ),
      },
    },
    operations: { ...receiving(requests), ...sending(pushes) },
    components: { messages: Object.fromEntries(messages.map(messageEntry)), schemas },
    'x-errors': Object.fromEntries(
      Object.entries(errors).map(([code, { retryable, sentence }]) => [code, { retryable, sentence }]),
    ),
    'x-limits': limits,
    'x-routes': restRoutes(response),
  }
}

function messageEntry({ key, event, title, summary, payload }: MessageEntry): [string, object] {
  return [key, { name: event, title, summary, payload: { $ref: schemaRef(payload) } }]
}

const channelMessages = (...keys: string[]) => keys.map((key) => ({ $ref: `${CHANNEL}/messages/${key}` }))

function receiving(requests: readonly MessageEntry[]): Record<string, object> {
  return Object.fromEntries(
    requests.map(({ key, event, summary }) => [
      `receive${typeName(event)}`,
      {
        action: 'receive',
        channel: { $ref: CHANNEL },
        title: event,
        summary,
        messages: channelMessages(key),
        reply: { channel: { $ref: CHANNEL }, messages: channelMessages(`${typeName(event)}Reply`) },
      },
    ]),
  )
}

function sending(pushes: readonly MessageEntry[]): Record<string, object> {
  return Object.fromEntries(
    pushes.map(({ key, event, summary }) => [
      `send${typeName(event)}`,
      { action: 'send', channel: { $ref: CHANNEL }, title: event, summary, messages: channelMessages(key) },
    ]),
  )
}

/** AsyncAPI has no place for plain HTTP, so the REST routes are an extension. */
function restRoutes(responseOf: (route: string) => string): object[] {
  return Object.entries(routes).map(([route, { method, path, summary }]) => ({
    method,
    path,
    summary,
    response: { $ref: schemaRef(responseOf(route)) },
  }))
}
