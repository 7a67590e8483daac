import pg from 'pg'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { describeWithPostgres } from '../services/describe-with.ts'
import { PERSONA, type Stage, serverStage } from './stage.ts'

/** Messages of one long session, and of one that fills little more than a page. */
const LONG = 10_000
const SHORT = 200
/** Other sessions, enough to make up a table. */
const OTHERS = 40

/** What a call may read of "Message" at most, whatever a session's length. A page and its siblings take most. */
const ROWS_READ = 600
/** How many times the blocks that it touches for the short session a call may touch for the long one. */
const MORE_BLOCKS = 1.5
/** Blocks that are nobody's fault: another level of an index, a block that a search begins and ends in. */
const SPARE_BLOCKS = 60

/** Budgets that nobody reaches. */
const SPEND = `'{"guest": 0, "account": 1000000000, "reply": 100}'`

interface Call {
  readonly call: string
  /** Done before, and not counted. */
  readonly before?: string
}

/** Each call of the hot path; `$1` is the person, `$2` the session, of `n` messages. */
const callsOn = (n: number): Readonly<Record<string, Call>> => ({
  'a join': { call: 'chat_snapshot_v1($1, $2, 50)' },
  'a history page': { call: `chat_history_v1($1, $2, ${n / 2}, 100)` },
  'a sync': { call: `chat_sync_v1($1, $2, ${n - 100}, 200, 50)` },
  'a sync that starts over': { call: 'chat_sync_v1($1, $2, 3, 100, 50)' },
  'a turn': { call: turn('new') },
  'a repeated turn': { call: turn(`c${n / 2}`) },
  'an edit': {
    call: `chat_edit_v3($1, $2, $2 || '-${n / 2}', 'e', 'm', 'r', 'hi', false, 'n', 10000, 50, 12, 10, '[]', ${SPEND})`,
  },
  'a regeneration': {
    call: `chat_regenerate_v3($1, $2, $2 || '-${n / 2 + 1}', 'q', 'r', false, 'n', 10000, 50, 12, 10, '[]', ${SPEND})`,
  },
  'a choice near the beginning': { call: choose('-side') },
  'a choice of the long branch': { before: choose('-side'), call: choose('-2') },
  'a choice in the middle of a hidden branch': { before: choose('-side'), call: choose(`-${n / 2}`) },
  'a choice of what is shown': { call: choose('-2') },
  'a count of replies': { call: 'chat_replies_of_v1($1, $2)' },
  'a stop': { call: `chat_stop_reply_v1($1, $2, $2 || '-${n - 1}')` },
})

function turn(clientId: string): string {
  return `chat_commit_turn_v3($1, $2, '${clientId}', 'm', 'r', 'hi', 'hi', false, 'n', 10000, 3, 12, 10, ${SPEND})`
}

function choose(message: string): string {
  return `chat_select_v2($1, $2, $2 || '${message}', 50, '[]')`
}

/** Calls of a process that name no session. */
const PROCESS_CALLS: Readonly<Record<string, Call>> = {
  'an end': {
    call: `(SELECT chat_finish_reply_v2(live.id, 1, 'complete', 'x', 'stop', NULL, 1, 1, 2, false, 'n', 10000, 10,
      ${SPEND})
      FROM "Message" live WHERE live.status = 'live' AND $1 <> $2 LIMIT 1)`,
  },
  'a flush': {
    call: `(SELECT count(*) FROM chat_flush_v1(jsonb_build_array(jsonb_build_object(
      'replyId', $2::text || $1, 'epoch', 1, 'offset', 0, 'text', 'x')), 10000))`,
  },
  'a claim': {
    call: `(SELECT count(*) FROM chat_claim_v3($1 || $2, 50, 10000, '{}', true, false, 10, ${SPEND}))`,
  },
  'a look for stranded replies': {
    call: `(SELECT count(*) FROM chat_start_stranded_v2($1 || $2, 50, 10000, 10, ${SPEND}))`,
  },
}

describeWithPostgres('calls on a session of 10,000 messages', ({ createDatabase }) => {
  let stage: Stage
  let client: pg.Client
  let userId: string

  beforeAll(async () => {
    const url = await createDatabase()
    stage = await serverStage(url)
    client = new pg.Client({ connectionString: url })
    await client.connect()
    userId = await stage.person()
    await fill(client, userId)
  })
  afterAll(async () => {
    await client?.end()
    await stage?.close()
  })

  const settings = { 'before statistics': false, 'with statistics': true }
  for (const [when, analyzed] of Object.entries(settings)) {
    for (const mode of ['force_custom_plan', 'force_generic_plan']) {
      it(`read few rows and touch no more blocks than on a short one, ${when} (${mode})`, async () => {
        if (analyzed) await client.query('ANALYZE')
        await client.query(`SET plan_cache_mode = ${mode}`)
        const onShort = await costs(client, callsOn(SHORT), [userId, 's1'])
        const onLong = await costs(client, { ...callsOn(LONG), ...PROCESS_CALLS }, [userId, 's0'])
        const tooMany = Object.entries(onLong).filter(([name, { rows, blocks }]) => {
          const fair = onShort[name]?.blocks ?? blocks
          return rows > ROWS_READ || blocks > fair * MORE_BLOCKS + SPARE_BLOCKS
        })
        expect(Object.fromEntries(tooMany)).toEqual({})
      })
    }
  }
})

/** Session 0 is long, 1 is short; both have a second branch from their first message on, left by a choice. */
async function fill(client: pg.Client, userId: string): Promise<void> {
  await client.query('ALTER TABLE "Message" SET (autovacuum_enabled = off)')
  const length = `CASE k WHEN 0 THEN ${LONG} WHEN 1 THEN ${SHORT} ELSE 500 END`
  await client.query(
    `INSERT INTO "ChatSession" (id, "userId", "personaId", title, revision, "activeLeafId")
     SELECT 's' || k, $1, $2, 'title', ${length}, 's' || k || '-' || ${length}
       FROM generate_series(0, ${OTHERS}) k`,
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
       CROSS JOIN LATERAL generate_series(1, ${length}) n
       CROSS JOIN LATERAL (SELECT 's' || k AS s, k > 1 AND k < 6 AND n = 499 AS live) names`,
  )
  for (const session of ['s0', 's1']) {
    await client.query(
      `SELECT chat_edit_v1($1, $2, $2 || '-2', NULL, $2 || '-side', $2 || '-answer', 'hi', false, 'n', 10000, 50,
        10, '[]')`,
      [userId, session],
    )
    await client.query(`SELECT ${choose('-2')}`, [userId, session])
  }
}

interface Cost {
  /** Rows of "Message" that were read. */
  readonly rows: number
  /** Blocks that were touched of whatever, by the statements inside the functions too. */
  readonly blocks: number
}

/** What each call costs; it is run a few times first, as prepared statements are. */
async function costs(
  client: pg.Client,
  calls: Readonly<Record<string, Call>>,
  values: readonly string[],
): Promise<Record<string, Cost>> {
  const measured: Record<string, Cost> = {}
  for (const [name, call] of Object.entries(calls)) {
    for (let turn = 0; turn < 3; turn++) measured[name] = await costOf(client, call, [...values])
  }
  return measured
}

async function costOf(client: pg.Client, { call, before }: Call, values: string[]): Promise<Cost> {
  await client.query('BEGIN')
  if (before) await client.query(`SELECT ${before}`, values)
  const start = await rowsRead(client)
  const explained = await client.query(
    `EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) SELECT ${call} AS result`,
    values,
  )
  const rows = (await rowsRead(client)) - start
  await client.query('ROLLBACK')
  const plan = explained.rows[0]?.['QUERY PLAN'][0].Plan
  return { rows, blocks: plan['Shared Hit Blocks'] + plan['Shared Read Blocks'] }
}

async function rowsRead(client: pg.Client): Promise<number> {
  const read = await client.query(
    `SELECT (seq_tup_read + coalesce(idx_tup_fetch, 0))::int AS rows
       FROM pg_stat_xact_user_tables WHERE relname = 'Message'`,
  )
  return read.rows[0]?.rows ?? 0
}
