import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { DirectoryLocked, lockDirectory } from '../../../src/db/directory-lock.ts'

/**
 * A process that takes locks. Told of a directory, it says whether it got it; told to be busy, it
 * blocks its event loop for good; told to contend, it takes and releases the lock again and again and
 * says whether somebody else was inside with it.
 */
const Order = z.union([
  z.object({ lock: z.string() }),
  z.object({ contend: z.string(), times: z.int() }),
  z.object({ busy: z.literal(true) }),
])

process.on('message', async (message) => {
  const order = Order.parse(message)
  if ('busy' in order) {
    process.send?.({ busy: true }, () => {
      for (;;);
    })
    return
  }
  if ('contend' in order) {
    process.send?.({ alone: await contend(order.contend, order.times) })
    return
  }
  try {
    await lockDirectory(order.lock)
    process.send?.({ locked: true })
  } catch (cause) {
    if (!(cause instanceof DirectoryLocked)) throw cause
    process.send?.({ locked: false, message: cause.message })
  }
})
process.on('disconnect', () => process.exit())
process.send?.({ ready: true })

async function contend(directory: string, times: number): Promise<boolean> {
  const inside = join(directory, 'inside')
  for (let taken = 0; taken < times; ) {
    const release = await lockDirectory(directory).catch((cause: unknown) => {
      if (cause instanceof DirectoryLocked) return null
      throw cause
    })
    if (!release) continue
    taken++
    try {
      await writeFile(inside, '', { flag: 'wx' })
      await rm(inside)
    } catch {
      return false
    }
    await release()
  }
  return true
}
