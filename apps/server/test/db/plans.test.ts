import pg from 'pg'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { describeWithPostgres } from '../services/describe-with.ts'
import { PERSONA, type Stage, serverStage } from './stage.ts'

/** Rows of one long session; enough others to make up a table. */
const LONG = 10_000
const OTHERS = 40

/** What a call may read of "Message" at most, whatever a session's length. A page and its siblings take most. */
const ROWS_READ = 600

/** Each call of the hot path on the long session; `$1` is its person, `$2` itself. */
const CALLS: Readonly<Record<string, string>> = {
  'a join': 'chat_snapshot_v1($1, $2, 50)',
  'a history page': `chat_history_v1($1, $2, ${LONG / 2}, 100)`,
  'a sync': `chat_sync_v1($1, $2, ${LONG - 200}, 200, 50)`,
  'a sync that starts over': 'chat_sync_v1($1, $2, 3, 200, 50)',
  'a turn': `chat_commit_turn_v2($1, $2, 'new', 'm', 'r', 'hi', 'hi', false, 'n', 10000, 3, 12, 10)`,
  'a repeated turn': `chat_commit_turn_v2($1, $2, 'c5000', 'm', 'r', 'hi', 'hi', false, 'n', 10000, 3, 12, 10)`,
  'an edit': `chat_edit_v2($1, $2, $2 || '-5000', 'e', 'm', 'r', 'hi', false, 'n', 10000, 50, 12, 10, '[]')`,
  'a regeneration': `chat_regenerate_v2($1, $2, $2 || '-5001', 'q', 'r', false, 'n', 10000, 50, 12, 10, '[]')`,
  'a count of replies': `chat_replies_of_v1($1, $2)`,
  'a stop': `chat_stop_reply_v1($1, $2, $2 || '-9999')`,
  'an end': `(SELECT chat_finish_reply_v1(live.id, 1, 'complete', 'x', 'stop', NULL, 1, 1, false, 'n', 10000, 10)
    FROM "Message" live WHERE live.status = 'live' AND $1 <> $2 LIMIT 1)`,
  'a flush': `(SELECT count(*) FROM chat_flush_v1(jsonb_build_array(jsonb_build_object(
    'replyId', $2::text || $1, 'epoch', 1, 'offset', 0, 'text', 'x')), 10000))`,
  'a claim': `(SELECT count(*) FROM chat_claim_v2($1 || $2, 50, 10000, '{}', true, false, 10))`,
  'a look for stranded replies': `(SELECT count(*) FROM chat_start_stranded_v1($1 || $2, 50, 10000, 10))`,
}

describeWithPostgres('calls on a session of 10,000 messages', ({ createDatabase }) => {
  let stage: Stage
  let client: pg.Client

  beforeAll(async () => {
    const url = await createDatabase()
    stage = await serverStage(url)
    client = new pg.Client({ connectionString: url })
    await client.connect()
    await fill(client, await stage.person())
  })
  afterAll(async () => {
    await client?.end()
    await stage?.close()
  })

  const settings = { 'before statistics': false, 'with statistics': true }
  for (const [when, analyzed] of Object.entries(settings)) {
    for (const mode of ['force_custom_plan', 'force_generic_plan']) {
      it(`read few rows ${when} (${mode})`, async () => {
        if (analyzed) await client.query('ANALYZE')
        await client.query(`SET plan_cache_mode = ${mode}`)
        const read: Record<string, number> = {}
        for (const [name, call] of Object.entries(CALLS)) read[name] = await rowsRead(client, call)
        const many = Object.entries(read).filter(([, rows]) => rows > ROWS_READ)
        expect(Object.fromEntries(many)).toEqual({})
      })
    }
  }
})

async function fill(client: pg.Client, userId: string): Promise<void> {
  await client.query('ALTER TABLE "Message" SET (autovacuum_enabled = off)')
  await client.query(
    `INSERT INTO "ChatSession" (id, "userId", "personaId", title, revision, "activeLeafId")
     SELECT 's' || n, $1, $2, 'title', ${LONG}, 's' || n || '-' || CASE n WHEN 0 THEN ${LONG} ELSE 500 END
       FROM generate_series(0, ${OTHERS}) n`,
    [userId, PERSONA.personaId],
  )
  await client.query(
    `INSERT INTO "Message" (id, "sessionId", "parentId", seq, revision, sender, content, status,
        "clientMessageId", epoch, owner, "leaseUntil", "replyId")
     SELECT s || '-' || n, s, nullif(s || '-' || n - 1, s || '-0'), n, n,
         CASE n % 2 WHEN 0 THEN 'user' ELSE 'ai' END, 'text ' || n,
         CASE WHEN live THEN 'live' ELSE 'complete' END, CASE n % 2 WHEN 0 THEN 'c' || n END, 1,
         CASE WHEN live THEN 'o' END, CASE WHEN live THEN now() END, CASE n % 2 WHEN 0 THEN s || '-' || n + 1 END
       FROM generate_series(0, ${OTHERS}) k
       CROSS JOIN LATERAL generate_series(1, CASE k WHEN 0 THEN ${LONG} ELSE 500 END) n
       CROSS JOIN LATERAL (SELECT 's' || k AS s, k < 5 AND n = 499 AND k > 0 AS live) names`,
  )
}

/** Rows of "Message" that one call reads; it is run a few times first, as prepared statements are. */
async function rowsRead(client: pg.Client, call: string): Promise<number> {
  const values = [(await client.query('SELECT "userId" FROM "ChatSession" LIMIT 1')).rows[0]?.userId, 's0']
  const read = `SELECT (seq_tup_read + coalesce(idx_tup_fetch, 0))::int AS rows
    FROM pg_stat_xact_user_tables WHERE relname = 'Message'`
  const total = async (): Promise<number> => (await client.query(read)).rows[0]?.rows ?? 0
  let rows = 0
  for (let turn = 0; turn < 3; turn++) {
    await client.query('BEGIN')
    const before = await total()
    await client.query({ name: call.slice(0, 60), text: `SELECT ${call} AS result`, values })
    rows = (await total()) - before
    await client.query('ROLLBACK')
  }
  return rows
}
