import { randomUUID } from 'node:crypto'
import { openDatabase } from '../../../src/db/connect.ts'
import { PRISMA_DIR } from '../../harness/paths.ts'
import { recordingLog } from '../../harness/recording-log.ts'

/** A process that opens the embedded database of its argument and writes rows until it is killed. */
const database = await openDatabase({
  url: null,
  dataDir: process.argv[2] ?? '',
  prismaDir: PRISMA_DIR,
  log: recordingLog().log,
})
process.on('disconnect', () => process.exit())
for (;;) {
  const ids = Array.from({ length: 4 }, () => randomUUID())
  await Promise.all(
    ids.map(async (id) => {
      await database.prisma.user.create({ data: { id, name: id, email: id } })
      process.send?.({ written: id })
    }),
  )
}
