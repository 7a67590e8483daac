import { z } from 'zod'
import type { Database } from '../db/connect.ts'
import { withFaults } from '../db/faults.ts'

/** What moving a guest needs of the rest of the server. */
export interface GuestDeps {
  /** Closes everything that a user has open, on every process, so that clients say anew who they are. */
  readonly shutOut: (userId: string) => void
}

const Moves = z.array(z.object({ id: z.string(), movedTo: z.string() }))

/** Guests who go on as another user. */
export interface Guests {
  /**
   * Gives all that a guest has to a user. The guest is kept while that is under way: what was acknowledged
   * in between is moved by a last sweep, and only then the guest is gone.
   *
   * @throws {StorageUnavailable} when the database is away; what is left is moved by {@link finish}.
   */
  move(guestId: string, userId: string): Promise<void>
  /** Finishes moves that a process began and did not live to end. */
  finish(): Promise<void>
}

/** Moves guests. @see Guests */
export function createGuests({ prisma }: Database, { shutOut }: GuestDeps): Guests {
  const sweep = (guestId: string, userId: string, last: boolean) =>
    withFaults(() => prisma.$queryRaw`SELECT chat_move_guest_v1(${guestId}, ${userId}, ${last})`)
  const end = async (guestId: string, userId: string) => {
    await withFaults(() => prisma.session.deleteMany({ where: { userId: guestId } }))
    shutOut(guestId)
    await sweep(guestId, userId, true)
  }
  return {
    move: async (guestId, userId) => {
      await sweep(guestId, userId, false)
      await end(guestId, userId)
    },
    finish: async () => {
      const left = await withFaults(() =>
        prisma.user.findMany({ where: { movedTo: { not: null } }, select: { id: true, movedTo: true } }),
      )
      for (const { id, movedTo } of Moves.parse(left)) await end(id, movedTo)
    },
  }
}
