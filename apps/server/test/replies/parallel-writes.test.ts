import { setTimeout } from 'node:timers/promises'
import { isRetryable } from '@parley/protocol'
import pg from 'pg'
import { expect, it } from 'vitest'
import { echo } from '../model-server/behaviour.ts'
import { describeWithPostgres } from '../services/describe-with.ts'
import { idle, useNodes } from './nodes.ts'
import { dataOf, nobodyYet, openTalk, replyIdOf, type Talk } from './talk.ts'
import { until } from './until.ts'

const WRITERS = 20
/** A client waits longer; here the queue is short and the model quick. */
const RETRY_MS = 200

describeWithPostgres('writes to one session over two nodes', (postgres) => {
  const nodes = useNodes(postgres)

  async function twoNodes() {
    const { model, url, first, second } = await nodes.stage({}, idle)
    model.behave(echo())
    const userId = nobodyYet()
    const open = (n: number) => openTalk((n % 2 === 0 ? first : second).url, { userId })
    return { model, url, open }
  }

  it('[M3] [M4] case e4: twenty at once all succeed, each once, on one chain of revisions', async () => {
    const { model, open } = await twoNodes()
    const talks: Talk[] = []
    for (let n = 0; n < WRITERS; n++) talks.push(await open(n))
    const replies = await Promise.all(talks.map((talk, n) => sayUntilTaken(talk, `turn-${n}`)))
    const [reader] = talks
    if (!reader) throw new Error('nobody is there')
    await until(async () => (await reader.rows()).every(({ status }) => status === 'complete'))
    const rows = await reader.rows()
    const said = rows.filter(({ sender }) => sender === 'user').map(({ content }) => content)
    expect([...said].sort()).toEqual(talks.map((_, n) => `turn-${n}`).sort())
    expect(rows.filter(({ id }) => replies.includes(id))).toHaveLength(WRITERS)
    // Each row hangs below the one before it.
    expect(rows.slice(1).map(({ parentId }) => parentId)).toEqual(rows.slice(0, -1).map(({ id }) => id))
    expect(model.requests).toHaveLength(WRITERS)
    for (const talk of talks) talk.close()
  })

  it('[M2] case e3: whatever the database refuses at first, a send is taken once and never an error', async () => {
    const { model, url, open } = await twoNodes()
    const talks = [await open(0), await open(1)]
    const client = new pg.Client({ connectionString: url })
    await client.connect()
    for (const [n, state] of ['40001', '40P01'].entries()) {
      await refuseTwice(client, state)
      const said = await Promise.all(
        talks.map(({ ask, sessionId }) =>
          ask('chat:message', { sessionId, content: state, clientMessageId: state }),
        ),
      )
      expect(said.map((reply) => dataOf(reply).duplicate).sort()).toEqual([false, true])
      expect(model.requests.length).toBeLessThanOrEqual(n + 1)
    }
    await client.end()
    const [reader] = talks
    await until(async () => (await reader?.rows())?.every(({ status }) => status === 'complete') === true)
    expect((await reader?.rows())?.slice(1).map(({ content }) => content)).toEqual(
      ['40001', '40P01'].flatMap((state) => [state, `You said: ${state}`]),
    )
    expect(model.requests).toHaveLength(2)
    for (const talk of talks) talk.close()
  })
})

/** Says something as a client does: what may be tried again is sent again, under the same id. */
async function sayUntilTaken({ ask, sessionId }: Talk, name: string): Promise<string> {
  for (;;) {
    const reply = await ask('chat:message', { sessionId, content: name, clientMessageId: name })
    if (reply.ok || !isRetryable(reply.error.error)) return replyIdOf(dataOf(reply))
    await setTimeout(RETRY_MS)
  }
}

/** Makes the next two inserts of a message fail; a sequence counts on, whatever is rolled back. */
async function refuseTwice(client: pg.Client, state: string): Promise<void> {
  await client.query(`
    DROP SEQUENCE IF EXISTS refusals CASCADE;
    CREATE SEQUENCE refusals;
    CREATE OR REPLACE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN
        IF nextval('refusals') <= 2 THEN RAISE EXCEPTION 'refused' USING ERRCODE = '${state}'; END IF;
        RETURN NEW;
      END $$;
    CREATE OR REPLACE TRIGGER refuse BEFORE INSERT ON "Message" FOR EACH ROW EXECUTE FUNCTION refuse();`)
}
