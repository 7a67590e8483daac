import type { z } from 'zod'
import { withFaults } from './faults.ts'
import { Prisma, type PrismaClient } from './generated/client.ts'

/** Calls of the functions in `prisma/migrations`, each of which returns JSON. */
export interface Calls {
  /** The value, or null when there is none. */
  one<T extends z.ZodType>(schema: T, call: Prisma.Sql): Promise<z.output<T> | null>
  /** The values of a function that returns a set. */
  many<T extends z.ZodType>(schema: T, call: Prisma.Sql): Promise<z.output<T>[]>
  /** The value of a function that always returns one. */
  sure<T extends z.ZodType>(schema: T, call: Prisma.Sql): Promise<z.output<T>>
}

/** @see Calls */
export function createCalls(prisma: PrismaClient): Calls {
  const values = async (call: Prisma.Sql): Promise<unknown[]> => {
    const rows = await withFaults(() =>
      prisma.$queryRaw<{ result: unknown }[]>(Prisma.sql`SELECT ${call} AS result`),
    )
    return rows.map(({ result }) => result).filter((result) => result !== null)
  }
  return {
    one: async (schema, call) => {
      const [value] = await values(call)
      return value === undefined ? null : schema.parse(value)
    },
    many: async (schema, call) => (await values(call)).map((value) => schema.parse(value)),
    sure: async (schema, call) => schema.parse((await values(call))[0]),
  }
}
