import pg from 'pg'
import { expect, it } from 'vitest'
import { describeWithPostgres } from '../services/describe-with.ts'
import { openFor, openServer, serverStage, sure } from './stage.ts'

describeWithPostgres('opening a database of a PostgreSQL server', ({ createDatabase }) => {
  it('[M1] is refused when it does not run at "read committed"', async () => {
    const url = await createDatabase()
    for (const level of ['repeatable read', 'serializable']) {
      await set(url, 'default_transaction_isolation', level)
      await expect(openServer(url)).rejects.toThrow(
        `the database must run at "read committed" by default, but runs at "${level}"`,
      )
    }
    await set(url, 'default_transaction_isolation', 'read committed')
    await (await openServer(url)).close()
  })

  it('keeps instants right on a server of another time zone', async () => {
    const url = await createDatabase()
    await set(url, 'timezone', 'Asia/Kolkata')
    const stage = await serverStage(url)
    try {
      const written = new Date('2026-01-01T00:00:00.123Z')
      const id = 'someone'
      await stage.database.prisma.user.create({ data: { id, name: id, email: id, createdAt: written } })
      const rows = await stage.database.prisma.$queryRaw`
        SELECT extract(epoch FROM "createdAt")::text AS seconds FROM "User" WHERE id = ${id}`
      expect(rows).toEqual([{ seconds: '1767225600.123000' }])
      expect((await stage.database.prisma.user.findUnique({ where: { id } }))?.createdAt).toEqual(written)

      const { sessionId } = await openFor(stage.store, id)
      const { session } = sure(await stage.store.snapshot(id, sessionId))
      expect(await stage.store.sessions(id, 1)).toEqual([session])
    } finally {
      await stage.close()
    }
  })

  it('says where it is without the password', async () => {
    const url = new URL(await createDatabase())
    url.password = 'hunter2'
    const database = await openServer(url.href)
    expect(database.description).not.toContain('hunter2')
    expect(database.description).toContain(url.host)
    await database.close()
  })
})

async function set(url: string, setting: string, value: string): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    await client.query(`ALTER DATABASE "${new URL(url).pathname.slice(1)}" SET ${setting} = '${value}'`)
  } finally {
    await client.end()
  }
}
