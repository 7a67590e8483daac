import { randomUUID } from 'node:crypto'
import pg from 'pg'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { dumpTables } from '../harness/dump.ts'
import { type Parley, startParley } from '../harness/parley.ts'
import { queryServer } from '../replies/query-server.ts'
import { describeWithPostgres } from '../services/describe-with.ts'
import { type Cell, everyCell, type Ids, madeUp, payloadOf } from './foreign-ids.ts'
import { type Guest, signInGuest } from './guest.ts'
import { converse, errorAfter, must, type Opened, openSession } from './opened.ts'

/** Looks for replies of dead processes only at the start, so that the database hears of the events alone. */
const timing = { leaseMs: 10_000, recoverEveryMs: 3_600_000 }
/** What a server asks by itself all the same. */
const BY_ITSELF = /^SET TIME ZONE|"movedTo"|FROM "Session"\s+WHERE id = ANY/

const statements: string[] = []

describeWithPostgres('[A2] case f2: every event with every id of somebody else', (postgres) => {
  let parley: Parley
  let url: string
  let people: readonly Person[] = []
  const [ada, bob] = [() => sure(people[0]), () => sure(people[1])]

  beforeAll(async () => {
    url = await postgres.createDatabase()
    parley = await startParley({ env: { DATABASE_URL: url }, timing })
    people = [await settle(parley.url, url), await settle(parley.url, url)]
    recordStatements()
  })
  afterAll(async () => {
    vi.restoreAllMocks()
    for (const { opened } of people) opened.close()
    await parley.remove()
  })

  const cells = everyCell().map((cell): [string, string, Cell] => [
    cell.event,
    cell.foreign.join(' and '),
    cell,
  ])

  it.each(cells)(
    '%s answers a foreign %s as none, after the same statements',
    async (_event, _foreign, cell) => {
      const before = await dumpTables({ url, dataDir: '' })
      for (const other of ada().variants) {
        const none = madeUp()
        const answer = await answerTo(bob(), cell, other, 'ack')
        expect(answer).toEqual(await answerTo(bob(), cell, none, 'ack'))
        // Who listens to nothing may stop doing so, and nobody is asked.
        if (cell.event === 'chat:leave') continue
        expect(answer.bytes).toContain('"ok":false')
        expect(answer.asked.length).toBeGreaterThan(0)
        expect(await answerTo(bob(), cell, other, 'error')).toEqual(
          await answerTo(bob(), cell, none, 'error'),
        )
      }
      expect(await dumpTables({ url, dataDir: '' })).toEqual(before)
    },
  )

  it('a request id of somebody else is no repeat', async () => {
    const { opened, ids } = bob()
    const request = { clientMessageId: ada().requestId, clientRequestId: ada().requestId }
    const said = await must(opened, 'chat:message', {
      sessionId: ids.sessionId,
      content: 'Hello',
      ...request,
    })
    expect(said).toMatchObject({ duplicate: false })
    const fresh = await must(opened, 'chat:join', { personaId: 'wren', fresh: true, ...request })
    expect(fresh).toMatchObject({ created: true })
  })

  it('the picture of a persona of somebody else is none', async () => {
    const picture = async (personaId: unknown, versionId: string) => {
      const answer = await fetch(`${parley.url}/api/personas/${personaId}/pictures/${versionId}.svg`)
      return { status: answer.status, body: await answer.text() }
    }
    const personaId = sure(ada().variants[0]).personaId
    const none = await picture(randomUUID(), randomUUID())
    expect(none.status).toBe(404)
    expect(await picture(personaId, `${personaId}-1`)).toEqual(none)
  })
})

/** Notes every statement that goes to a database from this process, where the server runs as well. */
function recordStatements(): void {
  const query = pg.Client.prototype.query
  vi.spyOn(pg.Client.prototype, 'query').mockImplementation(function (this: pg.Client, ...args: unknown[]) {
    statements.push(textOf(args[0]))
    return Reflect.apply(query, this, args)
  })
}

/** An answer without the ids that were asked for, and what the database was asked for it. */
async function answerTo({ opened, ids, guest }: Person, cell: Cell, other: Ids, by: 'ack' | 'error') {
  const token = cell.event === 'chat:auth' ? { token: guest.token } : {}
  const payload = { ...payloadOf(cell, ids, other), ...token }
  statements.length = 0
  const answer =
    by === 'ack'
      ? await opened.ask(cell.event, payload)
      : await errorAfter(opened, () => opened.socket.emit(cell.event, payload))
  const asked = statements.filter((text) => !BY_ITSELF.test(text))
  const bytes = Object.entries(other).reduce(
    (text, [field, id]) => text.replaceAll(id, field),
    JSON.stringify(answer).replace(/"requestId":"[^"]+"/, '"requestId":"…"'),
  )
  return { bytes, asked }
}

/** Somebody with a conversation and a persona of her own. */
interface Person {
  readonly guest: Guest
  readonly opened: Opened
  readonly ids: Ids
  /** Her ids, also in each other's places. */
  readonly variants: readonly Ids[]
  readonly requestId: string
}

async function settle(url: string, databaseUrl: string): Promise<Person> {
  const guest = await signInGuest(url)
  const opened = await openSession(url, guest.userId, {}, guest.token)
  const { sessionId } = opened
  const requestId = randomUUID()
  const spoken = await converse(opened, 'Hello', { clientMessageId: requestId })
  await must(opened, 'chat:join', { personaId: 'wren', fresh: true, clientRequestId: requestId })
  const personaId = `persona-${guest.userId}`
  await queryServer(
    databaseUrl,
    `INSERT INTO "Persona" (id, "currentVersionId", "ownerId")
       VALUES ('${personaId}', '${personaId}-1', '${guest.userId}');
     INSERT INTO "PersonaVersion" (id, "personaId", name, pitch, greeting, instructions, picture, script)
       SELECT '${personaId}-1', '${personaId}', name, pitch, greeting, instructions, picture, script
         FROM "PersonaVersion" v JOIN "Persona" p ON p."currentVersionId" = v.id WHERE p.id = 'wren'`,
  )
  const ids = { userId: guest.userId, sessionId, ...spoken, personaId }
  const swapped = { ...ids, messageId: spoken.replyId, replyId: spoken.messageId }
  return { guest, opened, ids: { ...ids, personaId: 'wren' }, variants: [ids, swapped], requestId }
}

function sure<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('nobody has settled yet')
  return value
}

/** The text of a statement, however the library was asked. */
function textOf(query: unknown): string {
  return typeof query === 'string' ? query : String(Object(query).text ?? '')
}
