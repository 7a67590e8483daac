import { join } from 'node:path'
import { PGlite } from '@electric-sql/pglite'
import { Client } from 'pg'
import { z } from 'zod'

const Row = z.object({
  id: z.string(),
  sessionId: z.string(),
  seq: z.int(),
  sender: z.enum(['user', 'ai']),
  content: z.string(),
  status: z.string(),
  error: z.string().nullable(),
  parentId: z.string().nullable(),
  epoch: z.int(),
  attempts: z.int(),
})

/** A message as the database holds it. */
export type Row = z.infer<typeof Row>

const ALL = `SELECT id, "sessionId", seq, sender, content, status, error, "parentId", epoch, attempts
  FROM "Message" ORDER BY "sessionId", seq`

/** A database that is looked at beside the server: a URL of PostgreSQL, or a folder whose server has ended. */
export type Place = { readonly url: string } | { readonly folder: string }

/** Runs one statement and gives its rows. */
export async function query(place: Place, sql: string): Promise<unknown[]> {
  if ('folder' in place) {
    const database = await PGlite.create(join(place.folder, 'pglite'))
    try {
      return (await database.query(sql)).rows
    } finally {
      await database.close()
    }
  }
  const client = new Client({ connectionString: place.url })
  client.on('error', () => {})
  await client.connect()
  try {
    return (await client.query(sql)).rows
  } finally {
    await client.end()
  }
}

/** Every message, by session and in its order. */
export async function allRows(place: Place): Promise<Row[]> {
  return z.array(Row).parse(await query(place, ALL))
}
