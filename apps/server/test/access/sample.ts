import { type ClientEvents, clientEvents, type EventName } from '@parley/protocol'

/** Every event that a client may send; one that joins the table is tested by itself. */
export const everyEvent = Object.keys(clientEvents).filter(isClientEvent)

function isClientEvent(name: string): name is EventName<ClientEvents> {
  return name in clientEvents
}

/** Names of the fields of an event's payload. */
export function fieldsOf(event: EventName<ClientEvents>): string[] {
  return Object.keys(clientEvents[event].payload.shape)
}

/**
 * A payload that the schema accepts, made of the given values by the names of its fields.
 *
 * @throws {Error} when an event has a required field that `values` and the common ones do not know.
 */
export function sample(
  event: EventName<ClientEvents>,
  values: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const known: Record<string, unknown> = {
    content: 'Hello there',
    personaId: 'wren',
    afterRevision: 0,
    ...values,
  }
  const fields = fieldsOf(event).filter((field) => field in known)
  const payload = Object.fromEntries(fields.map((field) => [field, known[field]]))
  const parsed = clientEvents[event].payload.safeParse(payload)
  if (!parsed.success) throw new Error(`the sample of ${event} does not fit: ${parsed.error.message}`)
  return payload
}
