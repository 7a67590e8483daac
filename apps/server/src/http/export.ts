import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { type PersonExport, routes, type Session } from '@parley/protocol'
import type { Express } from 'express'
import type { Store } from '../chat/ports.ts'
import type { HttpDeps } from './app.ts'
import { refuse } from './refuse.ts'

/** Messages that are read at a time: nobody's export is ever whole in memory. */
const READ_AT_ONCE = 200

/** Lets people take away everything that is kept of them. */
export function addExport(app: Express, { identities, store }: Pick<HttpDeps, 'identities' | 'store'>): void {
  app.get(routes.export.path, async (request, response) => {
    const identity = await identities.verify({ headers: request.headers })
    const person = identity && (await store.person(identity.userId))
    if (!person) return refuse(response, 401, 'NOT_AUTHENTICATED')
    response
      .type('application/json')
      .set('cache-control', 'no-store')
      .set('content-disposition', 'attachment; filename="parley-export.json"')
    await pipeline(Readable.from(pieces(store, person)), response)
  })
}

/** The file, piece by piece. @see PersonExport */
async function* pieces(store: Store, person: PersonExport['person']): AsyncIterable<string> {
  const head = { format: 'parley-export', version: 1, exportedAt: new Date().toISOString(), person }
  yield `${JSON.stringify(head).slice(0, -1)},"sessions":[`
  for (const [index, session] of (await store.allSessions(person.id)).entries()) {
    yield `${index > 0 ? ',' : ''}\n{"session":${JSON.stringify(session)},"messages":[`
    yield* messagesOf(store, session)
    yield ']}'
  }
  yield ']}\n'
}

async function* messagesOf(store: Store, { id }: Session): AsyncIterable<string> {
  for (let after = -1, comma = ''; ; ) {
    const messages = await store.messagesAfter(id, after, READ_AT_ONCE)
    for (const message of messages) {
      yield `${comma}\n${JSON.stringify(message)}`
      comma = ','
      after = message.seq
    }
    if (messages.length < READ_AT_ONCE) return
  }
}
