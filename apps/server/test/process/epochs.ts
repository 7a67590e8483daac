import pg from 'pg'
import { onTestFinished } from 'vitest'

/** The epochs under which replies of a database were written from now on, in the order of the writes. */
export async function recordEpochs(url: string): Promise<() => Promise<number[]>> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  onTestFinished(() => client.end())
  await client.query(`
    CREATE TABLE "Written" (n serial, epoch int);
    CREATE FUNCTION note_epoch() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN INSERT INTO "Written" (epoch) VALUES (NEW.epoch); RETURN NEW; END $$;
    CREATE TRIGGER note_epoch AFTER INSERT OR UPDATE ON "ReplyChunk" FOR EACH ROW EXECUTE FUNCTION note_epoch();
    CREATE TRIGGER note_epoch AFTER UPDATE ON "Message" FOR EACH ROW EXECUTE FUNCTION note_epoch();`)
  return async () => {
    const { rows } = await client.query<{ epoch: number }>('SELECT epoch FROM "Written" ORDER BY n')
    return rows.map(({ epoch }) => epoch)
  }
}
