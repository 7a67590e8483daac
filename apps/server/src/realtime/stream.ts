/** The Redis stream that carries broadcasts, and what else is under that name. */
export const STREAM = 'parley:broadcasts'
/** Entries that the stream holds at most, about; older ones go. */
export const STREAM_LENGTH = 10_000

/** An entry's id: the milliseconds of Redis's clock, and a number within them. */
export type EntryId = string

/** The id before all others. */
export const FIRST: EntryId = '0-0'

/** Whether one entry is older than another one. */
export function isBefore(one: EntryId, other: EntryId): boolean {
  const [oneMs = 0, oneCount = 0] = one.split('-').map(Number)
  const [otherMs = 0, otherCount = 0] = other.split('-').map(Number)
  return oneMs < otherMs || (oneMs === otherMs && oneCount < otherCount)
}
