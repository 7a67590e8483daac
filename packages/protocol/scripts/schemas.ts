import { z } from 'zod'
import {
  Change,
  Content,
  clientEvents,
  Delta,
  ErrorCode,
  FinishReason,
  Handshake,
  Id,
  Instant,
  LiveReply,
  limits,
  Message,
  MessageStatus,
  Page,
  Persona,
  Readiness,
  Revision,
  replySchema,
  routes,
  Sender,
  Session,
  Snapshot,
  serverEvents,
  WireError,
} from '../src/index.ts'

/** A JSON Schema, as far as these documents read it. */
export type JsonSchema = z.core.JSONSchema.BaseSchema

/** The name of a type, and what its zod schema cannot tell a JSON Schema. */
interface Named {
  readonly id: string
  readonly description: string
  readonly minLength?: number
  readonly maxLength?: number
}

/** The types of the contract that have a name, in the order in which the documents list them. */
const named: readonly (readonly [z.ZodType, Named])[] = [
  [Id, { id: 'Id', description: 'An opaque identifier. Printable characters only; compare, never read.' }],
  [
    Instant,
    { id: 'Instant', description: 'A time, ISO 8601 in UTC, for people. Order never depends on it.' },
  ],
  [
    Revision,
    { id: 'Revision', description: 'Place of a change in its session, from 1; 0 is the empty session.' },
  ],
  [
    Content,
    {
      id: 'Content',
      description:
        'What a person says; must show something. U+0000 is removed, a lone surrogate becomes U+FFFD. The length counts Unicode code points.',
      minLength: 1,
      maxLength: limits.contentCodePoints,
    },
  ],
  [Sender, { id: 'Sender', description: 'Who wrote a message.' }],
  [
    MessageStatus,
    {
      id: 'MessageStatus',
      description:
        'A reply is `waiting`, then `live`, and ends once: `complete`, `stopped`, `failed` or `blocked`. A message of the person is `complete` from the start.',
    },
  ],
  [FinishReason, { id: 'FinishReason', description: 'Why a model ended its reply by itself.' }],
  [ErrorCode, { id: 'ErrorCode', description: 'The closed set of error codes.' }],
  [
    Message,
    {
      id: 'Message',
      description:
        'One message of a session. The content of a live reply is empty: its text comes in deltas.',
    },
  ],
  [Session, { id: 'Session', description: 'A conversation of one person with one persona.' }],
  [Persona, { id: 'Persona', description: 'What everybody may know of a persona.' }],
  [
    LiveReply,
    {
      id: 'LiveReply',
      description: 'The text of a live reply so far; later deltas of the same epoch continue it.',
    },
  ],
  [
    Change,
    { id: 'Change', description: 'One committed change: every row it touched, as it stands after it.' },
  ],
  [
    Page,
    {
      id: 'Page',
      description:
        'Messages of the shown branch, oldest first; fewer when they are long. `hasMore`: older ones exist.',
    },
  ],
  [
    Snapshot,
    { id: 'Snapshot', description: 'A session, its newest page and its live reply, all of one moment.' },
  ],
  [
    clientEvents['chat:message'].ack,
    { id: 'Committed', description: 'What a commit changed. `duplicate`: an earlier request had done it.' },
  ],
  [
    Delta,
    {
      id: 'Delta',
      description:
        'A piece of a live reply. `offset` counts UTF-16 code units; `start` marks the first piece of an epoch.',
    },
  ],
  [
    WireError,
    {
      id: 'WireError',
      description:
        'A failure. `path` leads to the fault in a payload; `requestId` names the failure in the server log.',
    },
  ],
  [Handshake, { id: 'Handshake', description: 'What a client may pass as `auth` when it connects.' }],
  [Readiness, { id: 'Readiness', description: 'State of the server and of the parts that it needs.' }],
]

/** `chat:message` → `ChatMessage`. */
export function typeName(event: string): string {
  return event
    .split(/[^A-Za-z]+/)
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join('')
}

/** Where a schema of the document stands. */
export const schemaRef = (id: string) => `#/components/schemas/${id}`

/** All schemas of the contract as JSON Schema, and the name under which each payload, reply and response stands. */
export interface ContractSchemas {
  readonly schemas: Readonly<Record<string, JsonSchema>>
  readonly names: readonly string[]
  readonly clientPayload: (event: string) => string
  readonly serverPayload: (event: string) => string
  readonly reply: (event: string) => string
  readonly response: (route: string) => string
}

/** Derives the JSON Schemas of all tables; named types are referred to, never repeated. */
export function contractSchemas(): ContractSchemas {
  const registry = z.registry<{ id: string }>()
  for (const [schema, { id }] of named) registry.add(schema, { id })
  const nameOf = (schema: z.ZodType, fallback: string) => {
    if (!registry.has(schema)) registry.add(schema, { id: fallback })
    return registry.get(schema)?.id ?? fallback
  }
  const client = new Map<string, string>()
  const server = new Map<string, string>()
  const replies = new Map<string, string>()
  const responses = new Map<string, string>()
  for (const [event, spec] of Object.entries(clientEvents)) {
    client.set(event, nameOf(spec.payload, `${typeName(event)}Request`))
    replies.set(event, nameOf(replySchema(spec.ack), `${typeName(event)}Reply`))
  }
  for (const [event, spec] of Object.entries(serverEvents)) {
    server.set(event, nameOf(spec.payload, `${typeName(event)}Event`))
  }
  for (const [route, { response }] of Object.entries(routes)) {
    responses.set(route, nameOf(response, `${typeName(route)}Response`))
  }
  const { schemas } = z.toJSONSchema(registry, { io: 'input', target: 'draft-7', uri: schemaRef })
  const notes = new Map(named.map(([, { id, ...note }]) => [id, note]))
  return {
    schemas: Object.fromEntries(
      Object.entries(schemas).map(([id, schema]) => [id, { ...notes.get(id), ...plain(schema) }]),
    ),
    names: named.map(([, { id }]) => id),
    clientPayload: (event) => found(client, event),
    serverPayload: (event) => found(server, event),
    reply: (event) => found(replies, event),
    response: (route) => found(responses, route),
  }
}

function found(names: ReadonlyMap<string, string>, event: string): string {
  const name = names.get(event)
  if (name === undefined) throw new Error(`${event} is not in the table`)
  return name
}

/** A schema without what only a document of its own needs. */
function plain({ $schema: _, $id: __, ...schema }: JsonSchema): JsonSchema {
  return schema
}
