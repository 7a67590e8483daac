import { randomUUID } from 'node:crypto'
import { clientEvents, Id } from '@parley/protocol'
import { everyEvent, fieldsOf, sample } from './sample.ts'

/** An event, and which of its ids are not the sender's own. */
export interface Cell {
  readonly event: (typeof everyEvent)[number]
  /** Fields that name something of another person. */
  readonly foreign: readonly string[]
}

/** Ids of one person, by the names of the fields that they may stand in. */
export type Ids = Readonly<Record<string, string>>

/** Fields that name something which belongs to somebody. */
const OWNED = ['userId', 'personaId', 'sessionId', 'messageId', 'replyId']
/** Fields that name nothing: the sender makes them up, so that a repeat is known. */
const REQUESTS = ['clientMessageId', 'clientRequestId']

/**
 * Every event with every choice of ids that are not the sender's own, made of the event tables: an event
 * that joins is among them by itself.
 *
 * @throws {Error} when an event has an id of a kind that is not known here.
 */
export function everyCell(): Cell[] {
  return everyEvent.flatMap((event) => {
    const ids = fieldsOf(event).filter((field) => isId(event, field) && !REQUESTS.includes(field))
    const unknown = ids.filter((field) => !OWNED.includes(field))
    if (unknown.length > 0) throw new Error(`${event}: whose is ${unknown.join()}? Tell it to foreign-ids.ts`)
    return subsets(ids).map((foreign) => ({ event, foreign }))
  })
}

/** Whether a field is an id by its schema, or at least by its name. */
function isId(event: Cell['event'], field: string): boolean {
  const shape: Readonly<Record<string, unknown>> = clientEvents[event].payload.shape
  const schema = shape[field]
  const inner = typeof schema === 'object' && schema && 'unwrap' in schema ? Object(schema).unwrap() : schema
  return inner === Id || field.endsWith('Id')
}

/** The payload of a cell: ids of `mine`, and of `other` where they are not the sender's own. */
export function payloadOf({ event, foreign }: Cell, mine: Ids, other: Ids): Record<string, unknown> {
  const ids = foreign.map((field) => [field, other[field]])
  return sample(event, { ...mine, ...Object.fromEntries(ids) })
}

/** Ids of nothing. */
export const madeUp = (): Ids => Object.fromEntries(OWNED.map((field) => [field, randomUUID()]))

/** All choices of one or more. */
function subsets(fields: readonly string[]): string[][] {
  const [first, ...rest] = fields
  if (first === undefined) return []
  const without = subsets(rest)
  return [[first], ...without, ...without.map((chosen) => [first, ...chosen])]
}
